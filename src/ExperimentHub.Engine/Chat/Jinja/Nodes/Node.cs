using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Nodes;

/// <summary>A part of a template.</summary>
internal abstract class Node(int line)
{
    /// <summary>More nodes inside each other than this, and walking them could overflow the stack; Python's compiler stops at about the same.</summary>
    public const int MaxHeight = 200;

    public int Line { get; } = line;

    /// <summary>Its parts in the order in which Jinja's visitors meet them: names are declared in that order.</summary>
    public abstract IEnumerable<Node> Children { get; }

    /// <summary>How many nodes nest in it; known once the parser has asked.</summary>
    public int Height { get; private set; } = 1;

    /// <summary>Measures the node after its children.</summary>
    public void Measure()
    {
        foreach (var child in Children)
        {
            Height = Math.Max(Height, child.Height + 1);
        }

        if (Height > MaxHeight)
        {
            throw TemplateFault.Syntax($"nested more than {MaxHeight} deep", Line);
        }
    }
}

/// <summary>A part that has a value.</summary>
internal abstract class Expression(int line) : Node(line)
{
    public Value Evaluate(Run run, Scope scope)
    {
        run.Budget.Step();
        return Compute(run, scope);
    }

    protected abstract Value Compute(Run run, Scope scope);
}

/// <summary>How the execution of a statement ended.</summary>
internal enum Flow
{
    Normal,
    Break,
    Continue,
}

/// <summary>A part that does something.</summary>
internal abstract class Statement(int line) : Node(line)
{
    public abstract Flow Execute(Run run, Scope scope, Output output);

    protected static Flow ExecuteAll(IReadOnlyList<Statement> body, Run run, Scope scope, Output output)
    {
        foreach (var statement in body)
        {
            var flow = statement.Execute(run, scope, output);
            if (flow != Flow.Normal)
            {
                return flow;
            }
        }

        return Flow.Normal;
    }
}
