using ExperimentHub.Engine.Chat.Jinja.Builtins;
using ExperimentHub.Engine.Chat.Jinja.Nodes;
using ExperimentHub.Engine.Chat.Jinja.Scoping;
using ExperimentHub.Engine.Chat.Jinja.Syntax;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja;

/// <summary>
/// A Jinja template, read once and rendered many times, from any number of threads. It means what Jinja2 3.1 makes of it in the
/// environment of transformers: sandboxed, with immutable values, trimmed blocks, loop controls and <c>{% generation %}</c>.
/// </summary>
internal sealed class Template
{
    /// <summary>The longest published templates have some 20,000 characters.</summary>
    public const int MaxLength = 300_000;

    private readonly IReadOnlyList<Statement> _body;
    private readonly Layout _layout = new();
    private readonly int _slots;
    private readonly BlockEntry _entry;
    private readonly Place? _self;

    /// <exception cref="TemplateFault">The template is no Jinja; the fault has the line.</exception>
    public Template(string source)
    {
        if (source.Length > MaxLength)
        {
            throw TemplateFault.Syntax($"it has {source.Length} characters, more than {MaxLength}", 1);
        }

        Source = source;
        _body = Parser.Parse(source);
        (_slots, _entry, _self) = _layout.Template(_body);
    }

    public string Source { get; }

    /// <param name="inputLength">How much text the variables hold: what the rendering may cost grows with it.</param>
    /// <param name="now">Local time, for <c>strftime_now</c>.</param>
    /// <returns>The text, and the generation blocks in it: their start in UTF-16 units and their length in code points.</returns>
    /// <exception cref="TemplateFault">The template stopped; the fault has the line.</exception>
    public (string Text, IReadOnlyList<(int Start, int CodePoints)> Spans) Render(IReadOnlyDictionary<string, Value> variables, long inputLength, DateTime now)
    {
        var run = new Run(Globals.All, variables, _layout.Blocks, new Budget(inputLength + Source.Length), now);
        var scope = new Scope(_slots, null);
        if (_self is { } place)
        {
            scope[place] = new SelfValue();
        }

        try
        {
            _entry.Enter(run, scope);
            foreach (var statement in _body)
            {
                statement.Execute(run, scope, run.Output);
            }
        }
        catch (TemplateFault fault) when (fault.Line == 0)
        {
            fault.Line = run.Line;
            throw;
        }

        return (run.Output.ToString(), run.Spans);
    }
}
