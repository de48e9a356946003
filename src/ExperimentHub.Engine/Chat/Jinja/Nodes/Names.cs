using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Nodes;

/// <summary>Something that can stand left of <c>=</c> or behind <c>for</c>.</summary>
internal interface ITarget
{
    void Assign(Run run, Scope scope, Value value);
}

internal enum NameUse
{
    Load,
    Store,

    /// <summary>A parameter of a macro or a variable of <c>with</c>.</summary>
    Parameter,
}

internal sealed class Name(string text, int line) : Expression(line), ITarget
{
    public string Text { get; } = text;

    public NameUse Use { get; set; }

    /// <summary>Set when the scopes of the template are laid out.</summary>
    public Place Place { get; set; }

    public override IEnumerable<Node> Children => [];

    public void Assign(Run run, Scope scope, Value value) => scope[Place] = value;

    protected override Value Compute(Run run, Scope scope) => scope[Place] ?? UndefinedValue.Variable(Text);
}

/// <summary><c>ns.attribute</c> left of <c>=</c>.</summary>
internal sealed class NamespaceTarget(string name, string attribute, int line) : Expression(line), ITarget
{
    public string Name { get; } = name;

    public Place Place { get; set; }

    public override IEnumerable<Node> Children => [];

    /// <summary>Checked before the value is computed.</summary>
    public void CheckIsNamespace(Run run, Scope scope)
    {
        run.Line = Line;
        if (scope[Place] is not NamespaceValue)
        {
            throw TemplateFault.Runtime("cannot assign attribute on non-namespace object");
        }
    }

    public void Assign(Run run, Scope scope, Value value)
    {
        run.Line = Line;
        switch (scope[Place])
        {
            case NamespaceValue space:
                space.Set(StrValue.Of(attribute), value);
                break;
            case DictValue dict:
                // A set block is not checked, in Jinja either.
                dict.Set(StrValue.Of(attribute), value);
                break;
            default:
                throw TemplateFault.Runtime("cannot assign attribute on non-namespace object");
        }
    }

    protected override Value Compute(Run run, Scope scope) => throw new InvalidOperationException("A target has no value.");
}
