namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>A list or a tuple: a template cannot change either.</summary>
internal abstract class SequenceValue : Value
{
    protected SequenceValue(IReadOnlyList<Value> values)
    {
        Values = values;
        var depth = 0;
        var size = 1L;
        for (var i = 0; i < values.Count; i++)
        {
            depth = Math.Max(depth, values[i].Depth);
            size = Math.Min(size + values[i].Size, long.MaxValue / 4);
        }

        Depth = Budget.Deeper(depth);
        Size = size;
    }

    public IReadOnlyList<Value> Values { get; }

    public override int Depth { get; }

    public override long Size { get; }

    public override bool IsTrue => Values.Count > 0;

    public override int? Length => Values.Count;

    public override IEnumerable<Value> Items => Values;
}

internal sealed class ListValue(IReadOnlyList<Value> values) : SequenceValue(values)
{
    public override string TypeName => "list";
}

/// <param name="names">Of the fields, for the groups that <c>groupby</c> makes.</param>
internal sealed class TupleValue(IReadOnlyList<Value> values, IReadOnlyList<string>? names = null) : SequenceValue(values)
{
    public static readonly TupleValue Empty = new([]);

    public override string TypeName => "tuple";

    public Value? Field(string name)
    {
        for (var i = 0; names is not null && i < names.Count; i++)
        {
            if (names[i] == name)
            {
                return Values[i];
            }
        }

        return null;
    }
}

internal sealed class RangeValue(long start, long stop, long step) : Value
{
    public long Start { get; } = start;

    /// <summary>As it was given, for printing; the last number comes before it.</summary>
    public long Stop { get; } = stop;

    public long Step { get; } = step;

    public int Count { get; } = (int)Math.Min(int.MaxValue, Math.Max(0, step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step));

    public override string TypeName => "range";

    public override bool IsTrue => Count > 0;

    public override int? Length => Count;

    public override IEnumerable<Value> Items
    {
        get
        {
            for (var i = 0; i < Count; i++)
            {
                yield return At(i);
            }
        }
    }

    public Value At(int index) => IntValue.Of(Start + (index * Step));
}

/// <summary>What can be gone over once: the result of <c>map</c>, <c>select</c>, <c>reverse</c> and the like.</summary>
internal sealed class IteratorValue(IEnumerator<Value> source, int depth, string typeName = "generator") : Value
{
    public override string TypeName { get; } = typeName;

    /// <summary>Iterators that draw from one another nest as lists do.</summary>
    public override int Depth { get; } = Budget.Deeper(depth);

    public override IEnumerable<Value> Items
    {
        get
        {
            while (source.MoveNext())
            {
                yield return source.Current;
            }
        }
    }
}
