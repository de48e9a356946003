using System.Numerics;

namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>Which values may be keys, and their hashes: equal numbers of different types have the same.</summary>
internal static class Hashing
{
    public static bool IsHashable(Value value) => value switch
    {
        ListValue or DictValue or DictView { Part: not DictPart.Values } => false,
        TupleValue tuple => tuple.Values.All(IsHashable),
        _ => true,
    };

    public static void Check(Value value)
    {
        if (value is TupleValue)
        {
            Budget.Whole(value.Size);
        }

        if (!IsHashable(value))
        {
            throw TemplateFault.Runtime($"unhashable type: '{(value is TupleValue tuple ? tuple.Values.First(v => !IsHashable(v)).TypeName : value.TypeName)}'");
        }
    }

    public static int Of(Value value) => value switch
    {
        StrValue text => text.Text.GetHashCode(StringComparison.Ordinal),
        BoolValue flag => new BigInteger(flag.IsTrue ? 1 : 0).GetHashCode(),
        IntValue number => number.Number.GetHashCode(),
        FloatValue number => double.IsFinite(number.Number) && double.IsInteger(number.Number) ? new BigInteger(number.Number).GetHashCode() : number.Number.GetHashCode(),
        TupleValue tuple => tuple.Values.Aggregate(17, (hash, item) => HashCode.Combine(hash, Of(item))),
        UndefinedValue => 1,
        _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(value),
    };
}

internal sealed class KeyComparer : IEqualityComparer<Value>
{
    public static readonly KeyComparer Instance = new();

    public bool Equals(Value? x, Value? y) => ReferenceEquals(x, y) || Comparison.AreEqual(x!, y!);

    public int GetHashCode(Value obj) => Hashing.Of(obj);
}
