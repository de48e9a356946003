using System.Numerics;

namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary><c>==</c>, <c>&lt;</c> and <c>in</c> as Python has them.</summary>
internal static class Comparison
{
    public static bool AreEqual(Value a, Value b)
    {
        switch (a, b)
        {
            case (StrValue x, StrValue y):
                return x.Text == y.Text;
            case (UndefinedValue, UndefinedValue):
                return true;
            case (SequenceValue x, SequenceValue y):
                return x.GetType() == y.GetType() && x.Values.Count == y.Values.Count && Same(x, y);
            case (DictValue x, DictValue y):
                return AreEqual(x, y);
            case (DictView x, DictView y):
                return x.Part != DictPart.Values && y.Part != DictPart.Values && x.Length == y.Length && x.Items.All(i => Contains(y, i));
            case (RangeValue x, RangeValue y):
                return x.Count == y.Count && (x.Count == 0 || (x.Start == y.Start && (x.Count == 1 || x.Step == y.Step)));
            default:
                return ReferenceEquals(a, b) || (Numbers.IsNumber(a) && Numbers.IsNumber(b) && Compare(a, b) == 0);
        }
    }

    /// <summary><c>==</c> where the budget of a rendering pays for large values.</summary>
    public static bool AreEqual(Budget budget, Value a, Value b)
    {
        Charge(budget, a, b);
        return AreEqual(a, b);
    }

    /// <param name="sign">As the template writes it, for the message.</param>
    public static bool Less(Budget budget, Value a, Value b, string sign = "<")
    {
        Charge(budget, a, b);
        return Less(a, b, sign, orEqual: false);
    }

    public static bool LessOrEqual(Budget budget, Value a, Value b, string sign = "<=")
    {
        Charge(budget, a, b);
        return Less(a, b, sign, orEqual: true);
    }

    /// <summary><c>item in container</c>.</summary>
    public static bool Contains(Budget budget, Value container, Value item)
    {
        switch (container)
        {
            case StrValue text when item is StrValue sought:
                budget.Search(text.Text.Length, sought.Text.Length);
                return text.Text.Contains(sought.Text, StringComparison.Ordinal);
            case StrValue:
                throw TemplateFault.Runtime($"'in <string>' requires string as left operand, not {item.TypeName}");
            case DictValue or DictView { Part: not DictPart.Values }:
                Charge(budget, item, item);
                return Contains(container, item);
            case RangeValue range when Numbers.IsInteger(item, out var number):
                var offset = number - range.Start;
                return range.Count > 0 && BigInteger.Remainder(offset, range.Step).IsZero && offset / range.Step >= 0 && offset / range.Step < range.Count;
        }

        foreach (var value in container.Items ?? throw TemplateFault.Runtime($"argument of type '{container.TypeName}' is not iterable"))
        {
            if (ReferenceEquals(value, item) || AreEqual(budget, value, item))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sorts as Python does: stable, and by <c>&lt;</c> alone.</summary>
    public static List<Value> Sort(Budget budget, IReadOnlyList<Value> values, Func<Value, Value> key, bool reverse)
    {
        budget.Objects(8L * values.Count);
        var keyed = values.Select(v => (Key: key(v), Value: v)).ToArray();
        var spare = new (Value Key, Value Value)[keyed.Length];
        if (reverse)
        {
            Array.Reverse(keyed);
        }

        for (var width = 1; width < keyed.Length; width *= 2)
        {
            for (var start = 0; start < keyed.Length; start += 2 * width)
            {
                var (left, middle, end) = (start, Math.Min(start + width, keyed.Length), Math.Min(start + (2 * width), keyed.Length));
                var right = middle;
                for (var at = start; at < end; at++)
                {
                    budget.Step();
                    spare[at] = left < middle && (right >= end || !Less(budget, keyed[right].Key, keyed[left].Key)) ? keyed[left++] : keyed[right++];
                }
            }

            (keyed, spare) = (spare, keyed);
        }

        if (reverse)
        {
            Array.Reverse(keyed);
        }

        return [.. keyed.Select(k => k.Value)];
    }

    private static void Charge(Budget budget, Value a, Value b)
    {
        var size = Math.Min(a.Size, b.Size);
        Budget.Whole(size);
        budget.Step(size);
        if (a is StrValue text && b is StrValue other)
        {
            budget.Scan(Math.Min(text.Text.Length, other.Text.Length));
        }
    }

    private static bool Contains(Value container, Value item) => container switch
    {
        DictValue dict => dict.Find(item) is not null,
        DictView { Part: DictPart.Keys } keys => keys.Dict.Find(item) is not null,
        DictView { Part: DictPart.Items } items =>
            item is TupleValue { Values: [var key, var value] } && items.Dict.Find(key) is { } found && AreEqual(found, value),
        _ => false,
    };

    private static bool Same(SequenceValue a, SequenceValue b)
    {
        for (var i = 0; i < a.Values.Count; i++)
        {
            if (!ReferenceEquals(a.Values[i], b.Values[i]) && !AreEqual(a.Values[i], b.Values[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool AreEqual(DictValue a, DictValue b)
    {
        if (a.Entries.Count != b.Entries.Count)
        {
            return false;
        }

        foreach (var (key, value) in a.Entries)
        {
            if (b.Find(key) is not { } other || !(ReferenceEquals(value, other) || AreEqual(value, other)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Less(Value a, Value b, string sign, bool orEqual)
    {
        switch (a, b)
        {
            case (UndefinedValue undefined, _):
                throw undefined.Fault();
            case (_, UndefinedValue undefined):
                throw undefined.Fault();
            case (StrValue x, StrValue y):
                var order = CompareText(x.Text, y.Text);
                return order < 0 || (orEqual && order == 0);
            case (SequenceValue x, SequenceValue y) when x.GetType() == y.GetType():
                for (var i = 0; i < x.Values.Count && i < y.Values.Count; i++)
                {
                    if (!ReferenceEquals(x.Values[i], y.Values[i]) && !AreEqual(x.Values[i], y.Values[i]))
                    {
                        return Less(x.Values[i], y.Values[i], sign, orEqual);
                    }
                }

                return x.Values.Count < y.Values.Count || (orEqual && x.Values.Count == y.Values.Count);
            case (DictView { Part: not DictPart.Values } x, DictView { Part: not DictPart.Values } y):
                return (orEqual ? x.Length <= y.Length : x.Length < y.Length) && x.Items.All(i => Contains(y, i));
            default:
                if (Numbers.IsNumber(a) && Numbers.IsNumber(b))
                {
                    return Compare(a, b) is { } sense && (sense < 0 || (orEqual && sense == 0));
                }

                throw TemplateFault.Runtime($"'{sign}' not supported between instances of '{a.TypeName}' and '{b.TypeName}'");
        }
    }

    /// <summary>Exact also between large integers and floats; null where one is not a number (NaN).</summary>
    private static int? Compare(Value a, Value b)
    {
        if (Numbers.IsInteger(a, out var x) && Numbers.IsInteger(b, out var y))
        {
            return x.CompareTo(y);
        }

        if (a is FloatValue f && b is FloatValue g)
        {
            return double.IsNaN(f.Number) || double.IsNaN(g.Number) ? null : f.Number.CompareTo(g.Number);
        }

        return a is FloatValue left
            ? -CompareMixed(b, left.Number)
            : CompareMixed(a, ((FloatValue)b).Number);
    }

    private static int? CompareMixed(Value integer, double other)
    {
        Numbers.IsInteger(integer, out var number);
        if (double.IsNaN(other))
        {
            return null;
        }

        if (double.IsInfinity(other))
        {
            return other > 0 ? -1 : 1;
        }

        var floor = new BigInteger(Math.Floor(other));
        var order = number.CompareTo(floor);
        return order != 0 ? order : Math.Floor(other) == other ? 0 : -1;
    }

    /// <summary>By code point: a surrogate pair comes after every character of one unit.</summary>
    private static int CompareText(string a, string b)
    {
        var at = a.AsSpan().CommonPrefixLength(b);
        if (at == a.Length || at == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        var (x, y) = (a[at], b[at]);
        return char.IsSurrogate(x) != char.IsSurrogate(y) ? (char.IsSurrogate(x) ? 0x10000 : x).CompareTo(char.IsSurrogate(y) ? 0x10000 : y) : x.CompareTo(y);
    }
}
