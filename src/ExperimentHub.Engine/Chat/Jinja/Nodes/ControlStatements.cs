namespace ExperimentHub.Engine.Chat.Jinja.Nodes;

internal sealed class If(IReadOnlyList<(Expression Test, IReadOnlyList<Statement> Body)> branches, IReadOnlyList<Statement> otherwise, int line)
    : Statement(line)
{
    public IReadOnlyList<(Expression Test, IReadOnlyList<Statement> Body)> Branches { get; } = branches;

    public IReadOnlyList<Statement> Otherwise { get; } = otherwise;

    public override IEnumerable<Node> Children => Branches.SelectMany(b => b.Body.Prepend<Node>(b.Test)).Concat(Otherwise);

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        foreach (var (test, body) in Branches)
        {
            if (test.Evaluate(run, scope).IsTrue)
            {
                return ExecuteAll(body, run, scope, output);
            }
        }

        return ExecuteAll(Otherwise, run, scope, output);
    }
}

internal sealed class Jump(Flow flow, int line) : Statement(line)
{
    public string Tag => flow == Flow.Break ? "break" : "continue";

    public override IEnumerable<Node> Children => [];

    public override Flow Execute(Run run, Scope scope, Output output) => flow;
}

/// <summary><c>{% with a = 1 %}…{% endwith %}</c>; the values are computed outside of it.</summary>
internal sealed class With(IReadOnlyList<Expression> targets, IReadOnlyList<Expression> values, IReadOnlyList<Statement> body, int line)
    : Statement(line)
{
    public IReadOnlyList<Expression> Targets { get; } = targets;

    public IReadOnlyList<Expression> Values { get; } = values;

    public IReadOnlyList<Statement> Body { get; } = body;

    public BlockEntry Entry { get; set; } = null!;

    public override IEnumerable<Node> Children => Targets.Concat(Values).Concat<Node>(Body);

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        Entry.Enter(run, scope);
        for (var i = 0; i < Targets.Count; i++)
        {
            ((ITarget)Targets[i]).Assign(run, scope, Values[i].Evaluate(run, scope));
        }

        var flow = ExecuteAll(Body, run, scope, output);
        if (flow == Flow.Normal)
        {
            Entry.Leave(scope);
        }

        return flow;
    }
}

/// <summary><c>{% autoescape false %}</c>, which changes nothing; HTML is not what a chat is written in.</summary>
internal sealed class AutoEscape(Expression isOn, IReadOnlyList<Statement> body, int line) : Statement(line)
{
    public Expression IsOn { get; } = isOn;

    public IReadOnlyList<Statement> Body { get; } = body;

    public BlockEntry Entry { get; set; } = null!;

    public override IEnumerable<Node> Children => Body.Prepend<Node>(IsOn);

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        run.Line = Line;
        if (IsOn.Evaluate(run, scope).IsTrue)
        {
            throw TemplateFault.Runtime("autoescape is not supported, a chat is no HTML");
        }

        Entry.Enter(run, scope);
        var flow = ExecuteAll(Body, run, scope, output);
        if (flow == Flow.Normal)
        {
            Entry.Leave(scope);
        }

        return flow;
    }
}

/// <summary><c>{% set a, b = value %}</c>.</summary>
internal sealed class Assignment(Expression target, Expression value, int line) : Statement(line)
{
    public Expression Target { get; } = target;

    public Expression Value { get; } = value;

    /// <summary>Names to make known to blocks: those that the top level sets.</summary>
    public IReadOnlyList<Name> Exports { get; set; } = [];

    public override IEnumerable<Node> Children => [Target, Value];

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        foreach (var reference in References(Target))
        {
            reference.CheckIsNamespace(run, scope);
        }

        var evaluated = Value.Evaluate(run, scope);
        run.Line = Line;
        ((ITarget)Target).Assign(run, scope, evaluated);
        Export(run, scope, Exports);
        return Flow.Normal;
    }

    public static void Export(Run run, Scope scope, IReadOnlyList<Name> names)
    {
        foreach (var name in names)
        {
            run.Export(name.Text, scope[name.Place]!);
        }
    }

    private static IEnumerable<NamespaceTarget> References(Expression target) => target switch
    {
        NamespaceTarget reference => [reference],
        TupleLiteral tuple => tuple.Items.SelectMany(References),
        _ => [],
    };
}

/// <summary><c>{% set name %}…{% endset %}</c>, with filters if there are any.</summary>
internal sealed class BlockAssignment(Expression target, FilterCall? filter, IReadOnlyList<Statement> body, int line) : Statement(line)
{
    public Expression Target { get; } = target;

    public FilterCall? Filter { get; } = filter;

    public IReadOnlyList<Statement> Body { get; } = body;

    public BlockEntry Entry { get; set; } = null!;

    public IReadOnlyList<Name> Exports { get; set; } = [];

    public override IEnumerable<Node> Children => Filter is null ? Body.Prepend<Node>(Target) : Body.Prepend<Node>(Filter).Prepend(Target);

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        Entry.Enter(run, scope);
        var inner = new Output(run.Budget);
        var flow = ExecuteAll(Body, run, scope, inner);
        if (flow != Flow.Normal)
        {
            return flow;
        }

        var text = run.Text(inner.ToString());
        ((ITarget)Target).Assign(run, scope, Filter is null ? text : Filter.Apply(run, scope, text));
        Assignment.Export(run, scope, Exports);
        Entry.Leave(scope);
        return Flow.Normal;
    }
}
