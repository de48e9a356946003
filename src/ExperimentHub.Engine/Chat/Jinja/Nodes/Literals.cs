using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Nodes;

internal sealed class Constant(Value value, int line) : Expression(line)
{
    public Value Value { get; } = value;

    public override IEnumerable<Node> Children => [];

    protected override Value Compute(Run run, Scope scope) => Value;
}

internal sealed class ListLiteral(IReadOnlyList<Expression> items, int line) : Expression(line)
{
    public override IEnumerable<Node> Children => items;

    protected override Value Compute(Run run, Scope scope)
    {
        var values = new Value[items.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = items[i].Evaluate(run, scope);
        }

        return run.List(values);
    }
}

internal sealed class TupleLiteral(IReadOnlyList<Expression> items, int line) : Expression(line), ITarget
{
    public IReadOnlyList<Expression> Items { get; } = items;

    public override IEnumerable<Node> Children => Items;

    public void Assign(Run run, Scope scope, Value value)
    {
        run.Line = Line;
        if (value.Items is not { } items)
        {
            throw TemplateFault.Runtime($"cannot unpack non-iterable {value.TypeName} object");
        }

        var values = items.Take(Items.Count + 1).ToList();
        if (values.Count != Items.Count)
        {
            throw TemplateFault.Runtime(values.Count > Items.Count
                ? $"too many values to unpack (expected {Items.Count})"
                : $"not enough values to unpack (expected {Items.Count}, got {values.Count})");
        }

        for (var i = 0; i < values.Count; i++)
        {
            ((ITarget)Items[i]).Assign(run, scope, values[i]);
        }
    }

    protected override Value Compute(Run run, Scope scope)
    {
        var values = new Value[Items.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Items[i].Evaluate(run, scope);
        }

        run.Budget.Objects(1);
        run.Budget.Items(values.Length);
        return values.Length == 0 ? TupleValue.Empty : new TupleValue(values);
    }
}

internal sealed class DictLiteral(IReadOnlyList<(Expression Key, Expression Value)> items, int line) : Expression(line)
{
    public override IEnumerable<Node> Children => items.SelectMany(i => new[] { i.Key, i.Value });

    protected override Value Compute(Run run, Scope scope)
    {
        run.Budget.Entries(items.Count + 1);
        var dict = new DictValue();
        foreach (var (key, value) in items)
        {
            var evaluated = key.Evaluate(run, scope);
            var content = value.Evaluate(run, scope);
            run.Line = Line;
            dict.Set(evaluated, content);
        }

        return dict;
    }
}
