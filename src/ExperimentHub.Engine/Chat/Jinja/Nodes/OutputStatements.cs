using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Nodes;

/// <summary>Text of the template, as it stands there.</summary>
internal sealed class TemplateText(string text, int line) : Statement(line)
{
    public string Text { get; } = text;

    public override IEnumerable<Node> Children => [];

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        run.Budget.Step();
        output.Append(Text);
        return Flow.Normal;
    }
}

/// <summary><c>{{ value }}</c>.</summary>
internal sealed class Print(Expression value, int line) : Statement(line)
{
    public override IEnumerable<Node> Children => [value];

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        var evaluated = value.Evaluate(run, scope);
        run.Line = Line;
        output.Append(run.Str(evaluated));
        return Flow.Normal;
    }
}

/// <summary><c>{% filter name %}…{% endfilter %}</c>.</summary>
internal sealed class FilterBlock(FilterCall filter, IReadOnlyList<Statement> body, int line) : Statement(line)
{
    public FilterCall Filter { get; } = filter;

    public IReadOnlyList<Statement> Body { get; } = body;

    public BlockEntry Entry { get; set; } = null!;

    public override IEnumerable<Node> Children => Body.Append<Node>(Filter);

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        Entry.Enter(run, scope);
        var inner = new Output(run.Budget);
        var flow = ExecuteAll(Body, run, scope, inner);
        if (flow == Flow.Normal)
        {
            output.Append(run.Str(Filter.Apply(run, scope, run.Text(inner.ToString()))));
            Entry.Leave(scope);
        }

        return flow;
    }
}

/// <summary>
/// <c>{% block name %}</c>. Without inheritance it only matters that it sees nothing of the loop around it, but what the top level sets.
/// </summary>
internal sealed class Block(string name, bool isScoped, IReadOnlyList<Statement> body, int line) : Statement(line)
{
    public string Name { get; } = name;

    public bool IsScoped { get; } = isScoped;

    public IReadOnlyList<Statement> Body { get; } = body;

    public int Slots { get; set; }

    public BlockEntry Entry { get; set; } = null!;

    /// <summary>Where <c>self</c> and <c>super</c> go, if the block uses them.</summary>
    public IReadOnlyList<(string Name, Place Place)> Special { get; set; } = [];

    /// <summary>With <c>scoped</c>: the variables that the place of the block has set.</summary>
    public IReadOnlyList<(string Name, Place Place)> Visible { get; set; } = [];

    public override IEnumerable<Node> Children => Body;

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        var context = IsScoped
            ? run.Derive(Visible.Select(v => (v.Name, scope[v.Place])))
            : run;
        run.Budget.EnterCall();
        Render(context, output);
        run.Budget.LeaveCall();
        return Flow.Normal;
    }

    public void Render(Run run, Output output)
    {
        var inner = new Scope(Slots, null);
        foreach (var (special, place) in Special)
        {
            inner[place] = special == "self" ? new SelfValue() : new UndefinedValue($"there is no parent block called {PythonText.Repr(Name)}.");
        }

        Entry.Enter(run, inner);
        ExecuteAll(Body, run, inner, output);
    }
}

/// <summary><c>include</c>, <c>import</c> and <c>extends</c>: a chat template stands alone, nothing is ever loaded for it.</summary>
internal sealed class Loading(string tag, Expression template, IReadOnlyList<Name> targets, int line) : Statement(line)
{
    public override IEnumerable<Node> Children => targets.Prepend<Node>(template);

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        var name = run.Str(template.Evaluate(run, scope));
        run.Line = Line;
        throw TemplateFault.Runtime($"{tag} of '{InputException.Quote(name)}' is refused, a chat template cannot load other templates");
    }
}
