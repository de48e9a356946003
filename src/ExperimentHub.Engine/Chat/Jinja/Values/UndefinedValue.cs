namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>What a name or attribute that is not there gives. It prints as nothing and is false; doing more with it fails with its message.</summary>
internal sealed class UndefinedValue(string message) : Value
{
    public string Message { get; } = message;

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    public override int? Length => 0;

    public override IEnumerable<Value> Items => [];

    public static UndefinedValue Variable(string name) => new($"{PythonText.Repr(name)} is undefined");

    public static UndefinedValue Attribute(Value owner, string name) => new($"'{owner.ObjectName}' has no attribute {PythonText.Repr(name)}");

    public static UndefinedValue Element(Value owner, Value index) =>
        index is StrValue text ? Attribute(owner, text.Text) : new($"{owner.ObjectName} has no element {(index.Size > 100 ? "…" : Printing.Repr(index))}");

    /// <summary>There is such an attribute, but a template may not have it.</summary>
    public static UndefinedValue Unsafe(Value owner, string name) => new($"access to attribute {PythonText.Repr(name)} of '{owner.TypeName}' object is unsafe.");

    public TemplateFault Fault() => TemplateFault.Runtime(Message);
}
