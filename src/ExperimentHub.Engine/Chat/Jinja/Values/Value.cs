namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>A value as Python knows it. The set of kinds is closed: a template reaches these and nothing of .NET behind them.</summary>
internal abstract class Value
{
    /// <summary>As <c>type(value).__name__</c> says it.</summary>
    public abstract string TypeName { get; }

    public virtual bool IsTrue => true;

    /// <summary>How deep values nest in it; 0 for one that holds none.</summary>
    public virtual int Depth => 0;

    /// <summary>How many values it holds in all, itself counted; a value that occurs twice counts twice.</summary>
    public virtual long Size => 1;

    /// <summary>As <c>len(value)</c>; null where Python has no length.</summary>
    public virtual int? Length => null;

    /// <summary>An object of Jinja names its module in messages, one of Python does not.</summary>
    public virtual string ObjectName => $"{TypeName} object";

    /// <summary>What <c>for</c> goes over; null where it is not iterable.</summary>
    public virtual IEnumerable<Value>? Items => null;
}
