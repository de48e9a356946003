namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>What a template may call.</summary>
internal abstract class CallableValue : Value
{
    public abstract Value Call(Run run, Arguments arguments);
}

/// <summary>A global function, or a method bound to its value.</summary>
internal sealed class FunctionValue(string name, Func<Run, Arguments, Value> body, int depth = 0) : CallableValue
{
    public string Name { get; } = name;

    public override string TypeName => "function";

    public override string ObjectName => $"function {Name}";

    public override int Depth => depth;

    public override Value Call(Run run, Arguments arguments) => body(run, arguments);
}

/// <summary>Holds what loops and macros set: <c>{% set ns.x = … %}</c> reaches it from anywhere.</summary>
internal sealed class NamespaceValue : Value
{
    public DictValue Fields { get; } = new();

    public override string TypeName => "TemplateNamespace";

    public override string ObjectName => "namespace object";

    public void Set(Value name, Value value)
    {
        if (name is StrValue text && text.Text.StartsWith('_'))
        {
            throw TemplateFault.Runtime($"Chat templates cannot store underscore-prefixed attributes on a namespace, but got {PythonText.Repr(text.Text)}. Please rename the attribute.");
        }

        Fields.Set(name, value);
    }
}

/// <summary>Goes round its items, one each time <c>next()</c> is called.</summary>
internal sealed class CyclerValue(IReadOnlyList<Value> items) : Value
{
    private int _position;

    public override string TypeName => "Cycler";

    public Value Current => items[_position];

    public Value Next()
    {
        var current = Current;
        _position = (_position + 1) % items.Count;
        return current;
    }

    public void Reset() => _position = 0;
}

/// <summary>Nothing at the first call, and the separator at each later one.</summary>
internal sealed class JoinerValue(Value separator) : CallableValue
{
    private bool _used;

    public override string TypeName => "Joiner";

    public override Value Call(Run run, Arguments arguments)
    {
        arguments.Bind("Joiner", required: 0);
        var result = _used ? separator : StrValue.Empty;
        _used = true;
        return result;
    }
}
