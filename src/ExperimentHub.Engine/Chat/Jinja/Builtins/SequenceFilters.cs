using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>Filters over what can be iterated. Those that Python writes as generators draw their items one by one here too.</summary>
internal static class SequenceFilters
{
    public static Value First(Run run, Value value, Arguments arguments)
    {
        arguments.Bind("first", 0);
        return run.Iterate(value).FirstOrDefault() ?? new UndefinedValue("No first item, sequence was empty.");
    }

    public static Value Last(Run run, Value value, Arguments arguments)
    {
        arguments.Bind("last", 0);
        return (Reversed(run, value) ?? throw TemplateFault.Runtime($"'{value.TypeName}' object is not reversible")).FirstOrDefault()
            ?? new UndefinedValue("No last item, sequence was empty.");
    }

    public static Value Reverse(Run run, Value value, Arguments arguments)
    {
        arguments.Bind("reverse", 0);
        if (value is StrValue text)
        {
            run.Budget.Scan(text.Text.Length);
            return Slicing.Cut(text, text.CodePoints - 1, text.CodePoints, -1);
        }

        if (Reversed(run, value) is { } reversed)
        {
            return new IteratorValue(reversed.GetEnumerator(), value.Depth, value is ListValue ? "list_reverseiterator" : "reversed");
        }

        if (value.Items is null)
        {
            throw TemplateFault.Runtime("argument must be iterable");
        }

        var list = run.Collect(value);
        list.Reverse();
        return new ListValue(list);
    }

    public static Value Items(Run run, Value value, Arguments arguments)
    {
        arguments.Bind("items", 0);
        return Generator(value, AllItems(value));
    }

    public static Value Join(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("join", 0, "d", "attribute");
        var get = Filters.Getter(run, bound[1]);
        return StringMethods.JoinAll(run, bound[0] is null ? "" : run.Str(bound[0]!), run.Iterate(value).Select(item => run.Str(get(item))));
    }

    public static Value Sum(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("sum", 0, "attribute", "start");
        var total = bound[1] ?? IntValue.Of(0);
        if (total is StrValue)
        {
            throw TemplateFault.Runtime("sum() can't sum strings [use ''.join(seq) instead]");
        }

        var get = Filters.Getter(run, bound[0]);
        return run.Iterate(value).Aggregate(total, (sum, item) => Operators.Add(run, sum, get(item)));
    }

    public static Value Batch(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("batch", 1, "linecount", "fill_with");
        return Generator(value, Batches(run, value, bound[0]!, bound[1]));
    }

    public static Value Slice(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("slice", 1, "slices", "fill_with");
        return Generator(value, Slices(run, value, bound[0]!, bound[1]));
    }

    public static IteratorValue Generator(Value source, IEnumerable<Value> items) => new(items.GetEnumerator(), source.Depth);

    private static IEnumerable<Value> AllItems(Value value)
    {
        if (value is UndefinedValue)
        {
            yield break;
        }

        if (value is not DictValue dict)
        {
            throw TemplateFault.Runtime("Can only get item pairs from a mapping.");
        }

        foreach (var (key, item) in dict.Walk())
        {
            yield return new TupleValue([key, item]);
        }
    }

    /// <summary>From the last item on; null where Python cannot go backwards.</summary>
    private static IEnumerable<Value>? Reversed(Run run, Value value) => value switch
    {
        SequenceValue sequence => Enumerable.Range(1, sequence.Values.Count).Select(i => sequence.Values[^i]),
        RangeValue range => Enumerable.Range(1, range.Count).Select(i => range.At(range.Count - i)),
        StrValue or DictValue or DictView => run.Collect(value) is var list ? Enumerable.Range(1, list.Count).Select(i => list[^i]) : null,
        UndefinedValue => [],
        _ => null,
    };

    private static IEnumerable<Value> Batches(Run run, Value value, Value linecount, Value? fill)
    {
        var count = Numbers.IsInteger(linecount, out _) ? Numbers.Clamped(linecount) : -1;
        var batch = new List<Value>();
        foreach (var item in run.Iterate(value))
        {
            if (batch.Count == count)
            {
                yield return run.List(batch);
                batch = [];
            }

            batch.Add(item);
        }

        if (batch.Count == 0)
        {
            yield break;
        }

        if (fill is not (null or NoneValue))
        {
            Numbers.Integer(linecount);
            run.Budget.Items(Math.Max(0, count));
            while (batch.Count < count)
            {
                batch.Add(fill);
            }
        }

        yield return run.List(batch);
    }

    private static IEnumerable<Value> Slices(Run run, Value value, Value slices, Value? fill)
    {
        var all = run.Collect(value);
        var count = Numbers.Clamped(slices);
        if (count == 0)
        {
            throw TemplateFault.Runtime("integer division or modulo by zero");
        }

        for (var (slice, start) = (0, 0); slice < count; slice++)
        {
            var isLonger = slice < all.Count % count;
            var end = start + (all.Count / count) + (isLonger ? 1 : 0);
            var part = all[start..end];
            if (fill is not (null or NoneValue) && !isLonger)
            {
                part.Add(fill);
            }

            yield return run.List(part);
            start = end;
        }
    }
}
