using System.Numerics;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>The functions that every template has: Jinja's, and those that transformers adds.</summary>
internal static class Globals
{
    /// <summary>Jinja's sandbox gives no longer ranges.</summary>
    private const int MaxRange = 100_000;

    public static IReadOnlyDictionary<string, Value> All { get; } = new FunctionValue[]
    {
        new("range", Range),
        new("dict", Dict),
        new("namespace", Namespace),
        new("cycler", (_, arguments) => arguments.Bind("cycler", 0, [.. arguments.Positional.Select((_, i) => $"item {i}")]) is { Length: > 0 } items
            ? new CyclerValue([.. items.Select(i => i!)])
            : throw TemplateFault.Runtime("at least one item has to be provided")),
        new("joiner", (_, arguments) => new JoinerValue(arguments.Bind("joiner", 0, "sep")[0] ?? StrValue.Of(", "))),
        new("lipsum", (_, _) => throw TemplateFault.Runtime("the function lipsum is not supported, its text is random")),
        new("raise_exception", (run, arguments) => throw new TemplateFault(FaultKind.Raised, run.Str(arguments.Bind("raise_exception", 1, "message")[0]!))),
        new("strftime_now", (run, arguments) => run.Text(DateFormat.Format(run, StringMethods.TextOf(arguments.Bind("strftime_now", 1, "format")[0]!, "strftime")))),
    }.ToDictionary(f => f.Name, Value (f) => f);

    public static DictValue Copy(Run run, DictValue source)
    {
        run.Budget.Entries(source.Entries.Count + 1);
        var copy = new DictValue();
        foreach (var (key, value) in source.Entries)
        {
            copy.Set(key, value);
        }

        return copy;
    }

    private static RangeValue Range(Run run, Arguments arguments)
    {
        var places = arguments.Places("range", 1, 3);
        var bounds = places.TakeWhile(p => p is not null).Select(p => Limited(Numbers.Integer(p!))).ToArray();
        var (start, stop, step) = bounds.Length switch
        {
            1 => (0, bounds[0], 1L),
            2 => (bounds[0], bounds[1], 1L),
            _ => (bounds[0], bounds[1], bounds[2]),
        };
        if (step == 0)
        {
            throw TemplateFault.Runtime("range() arg 3 must not be zero");
        }

        var range = new RangeValue(start, stop, step);
        return range.Count <= MaxRange ? range : throw TemplateFault.Runtime($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({MaxRange}).");
    }

    /// <summary>Larger bounds make a range too long, or are beyond any use.</summary>
    private static long Limited(BigInteger bound) => (long)BigInteger.Clamp(bound, -(1L << 60), 1L << 60);

    private static DictValue Dict(Run run, Arguments arguments)
    {
        if (arguments.Positional.Count > 1)
        {
            throw TemplateFault.Runtime($"dict expected at most 1 argument, got {arguments.Positional.Count}");
        }

        var dict = new DictValue();
        if (arguments.Positional is [var source])
        {
            foreach (var (key, value) in Pairs(run, source))
            {
                run.Budget.Entries(1);
                dict.Set(key, value);
            }
        }

        foreach (var (name, value) in arguments.Named)
        {
            dict.Set(StrValue.Of(name), value);
        }

        return dict;
    }

    private static IEnumerable<KeyValuePair<Value, Value>> Pairs(Run run, Value source)
    {
        if (source is DictValue dict)
        {
            return dict.Entries;
        }

        return source is UndefinedValue undefined ? throw undefined.Fault() : run.Iterate(source).Select((item, i) =>
        {
            var pair = (item.Items ?? throw TemplateFault.Runtime($"cannot convert dictionary update sequence element #{i} to a sequence")).Take(3).ToList();
            return pair.Count == 2
                ? new KeyValuePair<Value, Value>(pair[0], pair[1])
                : throw TemplateFault.Runtime($"dictionary update sequence element #{i} has length {item.Length}; 2 is required");
        });
    }

    private static NamespaceValue Namespace(Run run, Arguments arguments)
    {
        var space = new NamespaceValue();
        foreach (var (key, value) in Dict(run, arguments).Entries)
        {
            space.Set(key, value);
        }

        return space;
    }
}
