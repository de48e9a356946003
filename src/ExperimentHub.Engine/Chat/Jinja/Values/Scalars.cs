using System.Numerics;

namespace ExperimentHub.Engine.Chat.Jinja.Values;

internal sealed class NoneValue : Value
{
    public static readonly NoneValue None = new();

    private NoneValue()
    {
    }

    public override string TypeName => "NoneType";

    public override string ObjectName => "None";

    public override bool IsTrue => false;
}

internal sealed class BoolValue : Value
{
    public static readonly BoolValue True = new(true);
    public static readonly BoolValue False = new(false);

    private BoolValue(bool value) => IsTrue = value;

    public override string TypeName => "bool";

    public override bool IsTrue { get; }

    public static BoolValue Of(bool value) => value ? True : False;
}

internal sealed class IntValue : Value
{
    /// <summary>Numbers may grow to this many bits: far more than a template prints, little enough to compute with at once.</summary>
    public const int MaxBits = 65_536;

    private static readonly IntValue[] s_small = [.. Enumerable.Range(-5, 262).Select(i => new IntValue(i))];

    private IntValue(BigInteger number) => Number = number;

    public BigInteger Number { get; }

    public override string TypeName => "int";

    public override bool IsTrue => !Number.IsZero;

    public static IntValue Of(BigInteger number) =>
        number >= -5 && number <= 256 ? s_small[(int)number + 5]
        : number.GetBitLength() <= MaxBits ? new IntValue(number)
        : throw TemplateFault.Limit($"it computes a number of more than {MaxBits} bits");
}

internal sealed class FloatValue(double number) : Value
{
    public double Number { get; } = number;

    public override string TypeName => "float";

    public override bool IsTrue => Number != 0;
}
