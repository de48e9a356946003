using ExperimentHub.Engine.Chat.Jinja.Nodes;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja;

/// <summary>One rendering of a template.</summary>
internal sealed class Run(IReadOnlyDictionary<string, Value> globals, IReadOnlyDictionary<string, Value> variables, IReadOnlyDictionary<string, Block> blocks, Budget budget, DateTime now)
{
    private readonly Dictionary<string, Value> _exported = [];
    private Run? _origin;
    private int _line = 1;

    public Budget Budget { get; } = budget;

    /// <summary>Local time, for <c>strftime_now</c>.</summary>
    public DateTime Now { get; } = now;

    public IReadOnlyDictionary<string, Block> Blocks { get; } = blocks;

    /// <summary>What goes out directly; macros and set blocks write to buffers of their own first.</summary>
    public Output Output { get; private init; } = new(budget);

    /// <summary>Of the texts of generation blocks: where they begin in <see cref="Output"/>, in UTF-16 units, and their lengths in code points.</summary>
    public List<(int Start, int CodePoints)> Spans { get; private init; } = [];

    /// <summary>Where the last expression stood that could fail.</summary>
    public int Line
    {
        get => _origin?.Line ?? _line;
        set
        {
            if (_origin is null)
            {
                _line = value;
            }
            else
            {
                _origin.Line = value;
            }
        }
    }

    /// <summary>A variable that no scope of the template sets; null where there is none.</summary>
    public Value? Resolve(string name) => _exported.GetValueOrDefault(name) ?? variables.GetValueOrDefault(name) ?? globals.GetValueOrDefault(name);

    /// <summary>The same rendering with more variables, for a scoped block; a variable that is not set is left out.</summary>
    public Run Derive(IEnumerable<(string Name, Value? Value)> more)
    {
        var all = new Dictionary<string, Value>(variables);
        foreach (var (name, value) in _exported)
        {
            all[name] = value;
        }

        foreach (var (name, value) in more)
        {
            if (value is not null)
            {
                all[name] = value;
            }
        }

        return new Run(globals, all, Blocks, Budget, Now) { _origin = this, Output = Output, Spans = Spans };
    }

    /// <summary>Marks a text that begins at this place of the output.</summary>
    public void AddSpan(int start, string text)
    {
        Budget.Objects(1);
        Spans.Add((start, CodePointText.Count(text)));
    }

    /// <summary>What the top level sets is seen by blocks.</summary>
    public void Export(string name, Value value) => _exported[name] = value;

    public string Str(Value value) => Printing.Str(Budget, value);

    public Value Text(string text)
    {
        Budget.Text(text.Length);
        return StrValue.Of(text);
    }

    public ListValue List(IReadOnlyList<Value> values)
    {
        Budget.Items(values.Count);
        Budget.Objects(1);
        return new ListValue(values);
    }

    /// <summary>What <c>for</c> goes over; every item is counted.</summary>
    public IEnumerable<Value> Iterate(Value value)
    {
        var items = value.Items ?? throw TemplateFault.Runtime($"'{value.TypeName}' object is not iterable");
        return value is SequenceValue ? items : Counted(items);
    }

    /// <summary>All items of an iterable, as <c>list(value)</c>.</summary>
    public List<Value> Collect(Value value)
    {
        // The items of a list are there already; others are made as they are gone over.
        var isMade = value is not SequenceValue;
        if (value.Length is { } length)
        {
            Budget.Items(length);
        }

        var list = new List<Value>(value.Length ?? 0);
        foreach (var item in Iterate(value))
        {
            if (isMade)
            {
                Budget.Objects(1);
            }

            list.Add(item);
        }

        return list;
    }

    public Value Call(Value callee, Arguments arguments)
    {
        if (callee is UndefinedValue undefined)
        {
            throw undefined.Fault();
        }

        return callee is CallableValue callable
            ? callable.Call(this, arguments)
            : throw TemplateFault.Runtime($"'{callee.TypeName}' object is not callable");
    }

    private IEnumerable<Value> Counted(IEnumerable<Value> items)
    {
        foreach (var item in items)
        {
            Budget.Step();
            yield return item;
        }
    }
}
