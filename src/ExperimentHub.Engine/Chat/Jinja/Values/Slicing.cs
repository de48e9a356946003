using System.Numerics;

namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>Indexes and slices; both count from the end where they are negative.</summary>
internal static class Slicing
{
    public static Value Slice(Run run, Value value, Value? start, Value? stop, Value? step)
    {
        if (value is UndefinedValue undefined)
        {
            throw undefined.Fault();
        }

        if (value is not (StrValue or SequenceValue or RangeValue))
        {
            throw TemplateFault.Runtime(value is DictValue ? "unhashable type: 'slice'" : $"'{value.TypeName}' object is not subscriptable");
        }

        var (first, count, stride) = Bounds(value.Length!.Value, start, stop, step);
        switch (value)
        {
            case StrValue text:
                run.Budget.Scan(text.IsFlat ? 0 : text.Text.Length);
                run.Budget.Text(count);
                run.Budget.Items(text.IsFlat || stride == 1 ? 0 : text.CodePoints);
                return Cut(text, first, count, stride);
            case RangeValue range:
                return new RangeValue(range.Start + (first * range.Step), range.Start + ((first + (count * stride)) * range.Step), range.Step * stride);
            default:
                run.Budget.Items(count);
                var source = ((SequenceValue)value).Values;
                var part = new Value[count];
                for (var i = 0; i < count; i++)
                {
                    part[i] = source[(int)(first + (i * stride))];
                }

                return value is ListValue ? new ListValue(part) : new TupleValue(part);
        }
    }

    /// <summary>The item of an index; null where there is none.</summary>
    public static Value? At(Run run, Value value, Value index)
    {
        if (value is not (StrValue or SequenceValue or RangeValue) || !Numbers.IsInteger(index, out var number))
        {
            return null;
        }

        var length = value.Length!.Value;
        var place = number.Sign < 0 ? number + length : number;
        if (place < 0 || place >= length)
        {
            return null;
        }

        switch (value)
        {
            case StrValue text:
                run.Budget.Scan(text.IsFlat ? 0 : text.Text.Length);
                return Cut(text, (int)place, 1, 1);
            case RangeValue range:
                return range.At((int)place);
            default:
                return ((SequenceValue)value).Values[(int)place];
        }
    }

    /// <summary>A part of a text in code points.</summary>
    public static StrValue Cut(StrValue text, long first, int count, long stride)
    {
        string part;
        if (count == 0)
        {
            part = "";
        }
        else if (stride == 1)
        {
            var start = CodePointText.Unit(text, (int)first);
            var end = text.IsFlat ? start + count : start + UnitsOf(text.Text, start, count);
            part = start == 0 && end == text.Text.Length ? text.Text : text.Text[start..end];
        }
        else if (text.IsFlat)
        {
            part = string.Create(count, (text.Text, first, stride), static (span, s) =>
            {
                for (var i = 0; i < span.Length; i++)
                {
                    span[i] = s.Text[(int)(s.first + (i * s.stride))];
                }
            });
        }
        else
        {
            var points = CodePointText.Points(text.Text).ToArray();
            var builder = new System.Text.StringBuilder(count);
            for (var i = 0; i < count; i++)
            {
                PythonText.Append(builder, points[first + (i * stride)]);
            }

            part = builder.ToString();
        }

        return text.IsMarkup ? new StrValue(part, isMarkup: true) : StrValue.Of(part);
    }

    private static int UnitsOf(string text, int start, int points)
    {
        var at = start;
        for (var i = 0; i < points; i++)
        {
            at += CodePointText.UnitsAt(text, at);
        }

        return at - start;
    }

    private static (long First, int Count, long Stride) Bounds(int length, Value? start, Value? stop, Value? step)
    {
        var stride = Index(step) ?? 1;
        if (stride == 0)
        {
            throw TemplateFault.Runtime("slice step cannot be zero");
        }

        var (lowest, highest) = stride > 0 ? (0L, (long)length) : (-1L, length - 1L);
        var first = Limit(Index(start), length, lowest, highest) ?? (stride > 0 ? lowest : highest);
        var last = Limit(Index(stop), length, lowest, highest) ?? (stride > 0 ? highest : lowest);
        var count = stride > 0 ? (last - first + stride - 1) / stride : (first - last - stride - 1) / -stride;
        return (first, (int)Math.Max(0, count), stride);
    }

    private static long? Limit(long? index, int length, long lowest, long highest) =>
        index is { } given ? Math.Clamp(given < 0 ? given + length : given, lowest, highest) : null;

    private static long? Index(Value? value)
    {
        if (value is null or NoneValue)
        {
            return null;
        }

        return Numbers.IsInteger(value, out var number)
            ? (long)BigInteger.Clamp(number, -int.MaxValue, int.MaxValue)
            : throw TemplateFault.Runtime("slice indices must be integers or None or have an __index__ method");
    }
}
