using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Nodes;

/// <summary>
/// A loop. Its filter draws items one by one, so it sees what the body did to a namespace meanwhile. <c>else</c> runs where no pass got
/// to its end, by <c>continue</c> or <c>break</c> too.
/// </summary>
internal sealed class For(
    Expression target, Expression source, IReadOnlyList<Statement> body, IReadOnlyList<Statement> otherwise, Expression? test, bool isRecursive, int line)
    : Statement(line)
{
    public Expression Target { get; } = target;

    public Expression Source { get; } = source;

    public IReadOnlyList<Statement> Body { get; } = body;

    public IReadOnlyList<Statement> Otherwise { get; } = otherwise;

    public Expression? Test { get; } = test;

    public bool IsRecursive { get; } = isRecursive;

    /// <summary>Where <c>loop</c> goes; null if the body never names it.</summary>
    public Place? LoopPlace { get; set; }

    public BlockEntry Entry { get; set; } = null!;

    public BlockEntry ElseEntry { get; set; } = null!;

    /// <summary>The filter has variables of its own: its copy of the target among them.</summary>
    public (int Slots, BlockEntry Entry, Expression Target) Filter { get; set; }

    /// <summary>A recursive loop is called like a macro, with slots of its own.</summary>
    public int Slots { get; set; }

    public override IEnumerable<Node> Children =>
        new[] { Target, Source }.Concat<Node>(Body).Concat(Otherwise).Concat(Test is null ? [] : [Test]);

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        var value = Source.Evaluate(run, scope);
        run.Line = Line;
        if (IsRecursive)
        {
            output.Append(run.Str(Recurse(run, scope, value, depth: 0)));
            return Flow.Normal;
        }

        return Loop(run, scope, scope, value, 0, null, output);
    }

    private Value Recurse(Run run, Scope outer, Value value, int depth)
    {
        run.Budget.EnterCall();
        var inner = new Output(run.Budget);
        var scope = new Scope(Slots, outer);
        Loop(run, scope, outer, value, depth, (again, items, level) => Recurse(again, outer, items, level), inner);
        run.Budget.LeaveCall();
        return run.Text(inner.ToString());
    }

    private Flow Loop(Run run, Scope scope, Scope outer, Value value, int depth, Func<Run, Value, int, Value>? recurse, Output output)
    {
        var items = run.Iterate(value);
        if (Test is not null)
        {
            items = Passing(run, outer, items);
        }

        var completed = false;
        if (LoopPlace is { } place)
        {
            scope[place] = null;
            var loop = new LoopValue(value, items, Test is not null, depth, recurse);
            while (loop.Advance() is { } item)
            {
                if (Pass(run, scope, item, loop, output, ref completed) == Flow.Break)
                {
                    break;
                }
            }
        }
        else
        {
            foreach (var item in items)
            {
                if (Pass(run, scope, item, null, output, ref completed) == Flow.Break)
                {
                    break;
                }
            }
        }

        Entry.Leave(scope);
        if (completed || Otherwise.Count == 0)
        {
            return Flow.Normal;
        }

        ElseEntry.Enter(run, scope);
        var flow = ExecuteAll(Otherwise, run, scope, output);
        ElseEntry.Leave(scope);
        return flow;
    }

    private Flow Pass(Run run, Scope scope, Value item, LoopValue? loop, Output output, ref bool completed)
    {
        run.Budget.Step();
        ((ITarget)Target).Assign(run, scope, item);
        if (loop is not null)
        {
            scope[LoopPlace!.Value] = loop;
        }

        Entry.Enter(run, scope);
        var flow = ExecuteAll(Body, run, scope, output);
        completed |= flow == Flow.Normal;
        return flow;
    }

    private IEnumerable<Value> Passing(Run run, Scope outer, IEnumerable<Value> items)
    {
        var scope = new Scope(Filter.Slots, outer);
        Filter.Entry.Enter(run, scope);
        foreach (var item in items)
        {
            run.Budget.Step();
            ((ITarget)Filter.Target).Assign(run, scope, item);
            if (Test!.Evaluate(run, scope).IsTrue)
            {
                yield return item;
            }
        }
    }
}
