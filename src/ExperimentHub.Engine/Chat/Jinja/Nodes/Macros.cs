using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Nodes;

/// <summary>What a macro and the body of a call block have in common: parameters, and statements that make a text.</summary>
internal sealed class MacroBody(string? name, IReadOnlyList<Name> parameters, IReadOnlyList<Expression> defaults, IReadOnlyList<Statement> statements, int line)
    : Node(line)
{
    public string? Name { get; } = name;

    public IReadOnlyList<Name> Parameters { get; } = parameters;

    /// <summary>Of the last parameters.</summary>
    public IReadOnlyList<Expression> Defaults { get; } = defaults;

    public IReadOnlyList<Statement> Statements { get; } = statements;

    public int Slots { get; set; }

    public BlockEntry Entry { get; set; } = null!;

    /// <summary>Where the special variables go, if the body uses them and they are no parameters.</summary>
    public Place? Caller { get; set; }

    public Place? Named { get; set; }

    public Place? Positional { get; set; }

    /// <summary>The body uses <c>caller</c>.</summary>
    public bool TakesCaller { get; set; }

    public override IEnumerable<Node> Children => Parameters.Concat<Node>(Defaults).Concat(Statements);

    public Value Call(Run run, Scope definition, Arguments arguments)
    {
        run.Budget.EnterCall();
        var scope = new Scope(Slots, definition);
        Bind(scope, arguments);
        Entry.Enter(run, scope);
        for (var i = 0; i < Parameters.Count; i++)
        {
            if (scope[Parameters[i].Place] is null)
            {
                var place = i - (Parameters.Count - Defaults.Count);
                scope[Parameters[i].Place] = place >= 0
                    ? Defaults[place].Evaluate(run, scope)
                    : new UndefinedValue($"parameter {PythonText.Repr(Parameters[i].Text)} was not provided");
            }
        }

        var output = new Output(run.Budget);
        foreach (var statement in Statements)
        {
            statement.Execute(run, scope, output);
        }

        run.Budget.LeaveCall();
        return run.Text(output.ToString());
    }

    private void Bind(Scope scope, Arguments arguments)
    {
        var named = arguments.Named.ToList();
        var count = Math.Min(arguments.Positional.Count, Parameters.Count);
        for (var i = 0; i < count; i++)
        {
            scope[Parameters[i].Place] = arguments.Positional[i];
        }

        var foundCaller = count == Parameters.Count && Parameters.Any(p => p.Text == "caller");
        for (var i = count; i < Parameters.Count; i++)
        {
            foundCaller |= Parameters[i].Text == "caller";
            scope[Parameters[i].Place] = Take(named, Parameters[i].Text);
        }

        if (TakesCaller && !foundCaller)
        {
            var caller = Take(named, "caller");
            scope[Caller!.Value] = caller is null or NoneValue ? new UndefinedValue("No caller defined") : caller;
        }

        if (Named is { } place)
        {
            var rest = new DictValue();
            foreach (var (name, value) in named)
            {
                rest.Set(StrValue.Of(name), value);
            }

            scope[place] = rest;
        }
        else if (named.Count > 0)
        {
            throw TemplateFault.Runtime(named.Any(n => n.Key == "caller")
                ? $"macro {PythonText.Repr(Name ?? "None")} was invoked with two values for the special caller argument. This is most likely a bug."
                : $"macro {PythonText.Repr(Name ?? "None")} takes no keyword argument {PythonText.Repr(named[0].Key)}");
        }

        if (Positional is { } rests)
        {
            scope[rests] = new TupleValue([.. arguments.Positional.Skip(Parameters.Count)]);
        }
        else if (arguments.Positional.Count > Parameters.Count)
        {
            throw TemplateFault.Runtime($"macro {PythonText.Repr(Name ?? "None")} takes not more than {Parameters.Count} argument(s)");
        }
    }

    private static Value? Take(List<KeyValuePair<string, Value>> named, string name)
    {
        var place = named.FindIndex(n => n.Key == name);
        if (place < 0)
        {
            return null;
        }

        var value = named[place].Value;
        named.RemoveAt(place);
        return value;
    }
}

internal sealed class Macro(Name target, MacroBody body, int line) : Statement(line)
{
    public Name Target { get; } = target;

    public MacroBody Body { get; } = body;

    public bool IsExported { get; set; }

    public override IEnumerable<Node> Children => Body.Children;

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        run.Budget.Step();
        var macro = new MacroValue(Body, run, scope);
        scope[Target.Place] = macro;
        if (IsExported)
        {
            run.Export(Target.Text, macro);
        }

        return Flow.Normal;
    }
}

/// <summary><c>{% call f() %}…{% endcall %}</c>: the body is handed to the macro as <c>caller</c>.</summary>
internal sealed class CallBlock(Call call, MacroBody body, int line) : Statement(line)
{
    public Call Call { get; } = call;

    public MacroBody Body { get; } = body;

    public override IEnumerable<Node> Children => Body.Children.Prepend(Call);

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        run.Budget.Step();
        var value = Call.Invoke(run, scope, new MacroValue(Body, run, scope));
        output.Append(run.Str(value));
        return Flow.Normal;
    }
}

/// <summary>
/// <c>{% generation %}</c>, of transformers: marks what the assistant writes. Its body is a macro, with the scope of one; the mark begins
/// where the output of the template itself has come to, also when the block stands in a macro.
/// </summary>
internal sealed class GenerationBlock(MacroBody body, int line) : Statement(line)
{
    public MacroBody Body { get; } = body;

    public override IEnumerable<Node> Children => Body.Children;

    public override Flow Execute(Run run, Scope scope, Output output)
    {
        var text = run.Str(Body.Call(run, scope, Arguments.None));
        run.AddSpan(run.Output.Length, text);
        output.Append(text);
        return Flow.Normal;
    }
}
