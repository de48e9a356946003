using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary><c>map</c>, <c>select</c>, <c>reject</c> and <c>unique</c>.</summary>
internal static class SelectionFilters
{
    public static Value Map(Run run, Value value, Arguments arguments) => SequenceFilters.Generator(value, Mapped(run, value, arguments));

    public static Value Select(Run run, Value value, Arguments arguments, bool wanted, bool byAttribute) =>
        SequenceFilters.Generator(value, Selected(run, value, arguments, wanted, byAttribute));

    public static Value Unique(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("unique", 0, "case_sensitive", "attribute");
        return SequenceFilters.Generator(value, Distinct(run, value, bound));
    }

    private static IEnumerable<Value> Mapped(Run run, Value value, Arguments arguments)
    {
        if (!value.IsTrue)
        {
            yield break;
        }

        var map = Mapping(run, arguments);
        foreach (var item in run.Iterate(value))
        {
            yield return map(item);
        }
    }

    private static Func<Value, Value> Mapping(Run run, Arguments arguments)
    {
        if (arguments.Positional.Count == 0 && arguments.Named.Any(n => n.Key == "attribute"))
        {
            if (arguments.Named.FirstOrDefault(n => n.Key is not ("attribute" or "default")).Key is { } unexpected)
            {
                throw TemplateFault.Runtime($"Unexpected keyword argument {PythonText.Repr(unexpected)}");
            }

            return Filters.Getter(run, arguments.Named.First(n => n.Key == "attribute").Value, arguments.Named.FirstOrDefault(n => n.Key == "default").Value);
        }

        if (arguments.Positional.Count == 0)
        {
            throw TemplateFault.Runtime("map requires a filter argument");
        }

        var filter = Named(run, Filters.All, arguments.Positional[0], "filter");
        var rest = arguments.Without(1);
        return item => filter(run, item, rest);
    }

    private static IEnumerable<Value> Selected(Run run, Value value, Arguments arguments, bool wanted, bool byAttribute)
    {
        if (!value.IsTrue)
        {
            yield break;
        }

        if (byAttribute && arguments.Positional.Count == 0)
        {
            throw TemplateFault.Runtime("Missing parameter for attribute name");
        }

        var get = byAttribute ? Filters.Getter(run, arguments.Positional[0]) : item => item;
        var rest = arguments.Without(byAttribute ? 1 : 0);
        var test = rest.Positional.Count == 0 ? null : Named(run, Tests.All, rest.Positional[0], "test");
        rest = rest.Without(1);
        foreach (var item in run.Iterate(value))
        {
            var tested = get(item);
            if ((test is null ? tested.IsTrue : test(run, tested, rest)) == wanted)
            {
                yield return item;
            }
        }
    }

    private static T Named<T>(Run run, IReadOnlyDictionary<string, T> all, Value name, string kind)
        where T : class =>
        (name is StrValue text ? all.GetValueOrDefault(text.Text) : null) ?? throw TemplateFault.Runtime(name is UndefinedValue undefined
            ? $"No {kind} named Undefined. ({undefined.Message}; did you forget to quote the callable name?)"
            : $"No {kind} named {(name.Size < 100 ? InputException.Quote(Printing.Repr(run.Budget, name)) : name.TypeName)}.");

    private static IEnumerable<Value> Distinct(Run run, Value value, Value?[] bound)
    {
        var get = Filters.Getter(run, bound[1]);
        var isSensitive = bound[0]?.IsTrue ?? false;
        var seen = new HashSet<Value>(KeyComparer.Instance);
        foreach (var item in run.Iterate(value))
        {
            var key = isSensitive ? get(item) : Filters.IgnoreCase(run, get(item));
            Hashing.Check(key);
            if (seen.Add(key))
            {
                run.Budget.Items(1);
                yield return item;
            }
        }
    }
}
