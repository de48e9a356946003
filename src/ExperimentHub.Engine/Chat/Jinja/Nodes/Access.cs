using ExperimentHub.Engine.Chat.Jinja.Builtins;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Nodes;

/// <summary><c>a.b</c>: the attribute first, then the key.</summary>
internal sealed class Attribute(Expression owner, string name, int line) : Expression(line)
{
    public override IEnumerable<Node> Children => [owner];

    protected override Value Compute(Run run, Scope scope)
    {
        var value = owner.Evaluate(run, scope);
        run.Line = Line;
        return Lookup.Attribute(run, value, name);
    }
}

/// <summary><c>a[b]</c>: the key first, then the attribute.</summary>
internal sealed class Item(Expression owner, Expression index, int line) : Expression(line)
{
    public override IEnumerable<Node> Children => [owner, index];

    protected override Value Compute(Run run, Scope scope)
    {
        var value = owner.Evaluate(run, scope);
        var key = index.Evaluate(run, scope);
        run.Line = Line;
        return Lookup.Item(run, value, key);
    }
}

/// <summary><c>a[start:stop:step]</c>.</summary>
internal sealed class Slice(Expression owner, Expression? start, Expression? stop, Expression? step, int line) : Expression(line)
{
    public override IEnumerable<Node> Children => new[] { owner, start, stop, step }.OfType<Node>();

    protected override Value Compute(Run run, Scope scope)
    {
        var value = owner.Evaluate(run, scope);
        var (first, last, stride) = (start?.Evaluate(run, scope), stop?.Evaluate(run, scope), step?.Evaluate(run, scope));
        run.Line = Line;
        return Slicing.Slice(run, value, first, last, stride);
    }
}

/// <summary>The arguments of a call as they are written.</summary>
internal sealed record CallArguments(
    IReadOnlyList<Expression> Positional, IReadOnlyList<KeyValuePair<string, Expression>> Named, Expression? Spread, Expression? NamedSpread)
{
    public static readonly CallArguments None = new([], [], null, null);

    public IEnumerable<Node> Children => Positional.Concat(Named.Select(n => n.Value)).Concat(new[] { Spread, NamedSpread }.OfType<Expression>());

    public Arguments Evaluate(Run run, Scope scope, KeyValuePair<string, Value>? extra = null)
    {
        if (Positional.Count == 0 && Named.Count == 0 && Spread is null && NamedSpread is null && extra is null)
        {
            return Arguments.None;
        }

        var positional = new List<Value>(Positional.Count);
        foreach (var argument in Positional)
        {
            positional.Add(argument.Evaluate(run, scope));
        }

        var named = new List<KeyValuePair<string, Value>>(Named.Count);
        foreach (var (name, argument) in Named)
        {
            named.Add(new(name, argument.Evaluate(run, scope)));
        }

        if (extra is { } more)
        {
            named.Add(more);
        }

        if (Spread?.Evaluate(run, scope) is { } spread)
        {
            positional.AddRange(run.Collect(spread));
        }

        if (NamedSpread?.Evaluate(run, scope) is { } namedSpread)
        {
            AddAll(named, namedSpread);
        }

        return new Arguments(positional, named);
    }

    private static void AddAll(List<KeyValuePair<string, Value>> named, Value spread)
    {
        if (spread is not DictValue dict)
        {
            throw TemplateFault.Runtime($"argument after ** must be a mapping, not {spread.TypeName}");
        }

        foreach (var (key, value) in dict.Entries)
        {
            if (key is not StrValue name)
            {
                throw TemplateFault.Runtime("keywords must be strings");
            }

            if (named.Any(n => n.Key == name.Text))
            {
                throw TemplateFault.Runtime($"got multiple values for keyword argument {PythonText.Repr(name.Text)}");
            }

            named.Add(new(name.Text, value));
        }
    }
}

internal sealed class Call(Expression callee, CallArguments arguments, int line) : Expression(line)
{
    public override IEnumerable<Node> Children => arguments.Children.Prepend(callee);

    /// <summary>With the body of a call block as <c>caller</c>.</summary>
    public Value Invoke(Run run, Scope scope, Value caller) => Invoke(run, scope, new KeyValuePair<string, Value>("caller", caller));

    protected override Value Compute(Run run, Scope scope) => Invoke(run, scope, extra: null);

    private Value Invoke(Run run, Scope scope, KeyValuePair<string, Value>? extra)
    {
        var value = callee.Evaluate(run, scope);
        var evaluated = arguments.Evaluate(run, scope, extra);
        run.Line = Line;
        return run.Call(value, evaluated);
    }
}

/// <summary><c>value | name(arguments)</c>.</summary>
/// <param name="operand">Null in a filter block, where the text of the block is the value.</param>
internal sealed class FilterCall(Expression? operand, string name, CallArguments arguments, int line) : Expression(line)
{
    private readonly Filter? _filter = Filters.All.GetValueOrDefault(name);

    public string Name { get; } = name;

    public bool IsKnown => _filter is not null;

    public override IEnumerable<Node> Children => operand is null ? arguments.Children : arguments.Children.Prepend(operand);

    /// <summary>Applies it, and the filters before it, to the text of a block.</summary>
    public Value Apply(Run run, Scope scope, Value text)
    {
        var value = operand switch
        {
            null => text,
            FilterCall inner => inner.Apply(run, scope, text),
            _ => operand.Evaluate(run, scope),
        };
        return Apply(run, value, arguments.Evaluate(run, scope));
    }

    protected override Value Compute(Run run, Scope scope) => Apply(run, operand!.Evaluate(run, scope), arguments.Evaluate(run, scope));

    private Value Apply(Run run, Value value, Arguments evaluated)
    {
        run.Line = Line;
        return _filter is null ? throw TemplateFault.Runtime($"No filter named {PythonText.Repr(Name)} found.") : _filter(run, value, evaluated);
    }
}

/// <summary><c>value is name(arguments)</c>.</summary>
internal sealed class TestCall(Expression operand, string name, CallArguments arguments, int line) : Expression(line)
{
    private readonly Test? _test = Tests.All.GetValueOrDefault(name);

    public string Name { get; } = name;

    public bool IsKnown => _test is not null;

    public override IEnumerable<Node> Children => arguments.Children.Prepend(operand);

    protected override Value Compute(Run run, Scope scope)
    {
        var value = operand.Evaluate(run, scope);
        var evaluated = arguments.Evaluate(run, scope);
        run.Line = Line;
        return _test is null ? throw TemplateFault.Runtime($"No test named {PythonText.Repr(Name)} found.") : BoolValue.Of(_test(run, value, evaluated));
    }
}
