using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>Filters that put things in order.</summary>
internal static class SortFilters
{
    private static readonly string[] s_groupFields = ["grouper", "list"];

    public static Value Sort(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("sort", 0, "reverse", "case_sensitive", "attribute");
        var isSensitive = bound[1]?.IsTrue ?? false;
        var getters = (bound[2] is StrValue paths ? paths.Text.Split(',').Select(p => Filters.Getter(run, StrValue.Of(p))) : [Filters.Getter(run, bound[2])]).ToList();
        var key = new Func<Value, Value>(item => new ListValue(getters.ConvertAll(get => isSensitive ? get(item) : Filters.IgnoreCase(run, get(item)))));
        return new ListValue(Comparison.Sort(run.Budget, run.Collect(value), key, bound[0]?.IsTrue ?? false));
    }

    public static Value DictSort(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("dictsort", 0, "case_sensitive", "by", "reverse");
        var by = bound[1] is null ? "key" : run.Str(bound[1]!);
        if (by is not ("key" or "value"))
        {
            throw TemplateFault.Runtime("You can only sort by either \"key\" or \"value\"");
        }

        var dict = value switch
        {
            DictValue mapping => mapping,
            UndefinedValue undefined => throw undefined.Fault(),
            _ => throw TemplateFault.Runtime($"'{value.TypeName}' object has no attribute 'items'"),
        };
        var isSensitive = bound[0]?.IsTrue ?? false;
        var items = run.Collect(new DictView(dict, DictPart.Items));
        return new ListValue(Comparison.Sort(
            run.Budget,
            items,
            item => ((TupleValue)item).Values[by == "key" ? 0 : 1] is var part && isSensitive ? part : Filters.IgnoreCase(run, part),
            bound[2]?.IsTrue ?? false));
    }

    public static Value GroupBy(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("groupby", 1, "attribute", "default", "case_sensitive");
        var get = Filters.Getter(run, bound[0], bound[1]);
        var isSensitive = bound[2]?.IsTrue ?? false;
        var key = new Func<Value, Value>(item => isSensitive ? get(item) : Filters.IgnoreCase(run, get(item)));
        var groups = new List<Value>();
        Value? current = null;
        var members = new List<Value>();
        foreach (var item in Comparison.Sort(run.Budget, run.Collect(value), key, reverse: false))
        {
            var own = key(item);
            if (current is not null && !Comparison.AreEqual(run.Budget, current, own))
            {
                groups.Add(Group(run, get, members));
                members = [];
            }

            current = members.Count == 0 ? own : current;
            members.Add(item);
        }

        if (members.Count > 0)
        {
            groups.Add(Group(run, get, members));
        }

        return run.List(groups);
    }

    public static Value Extreme(Run run, Value value, Arguments arguments, bool isMax)
    {
        var bound = arguments.Bind(isMax ? "max" : "min", 0, "case_sensitive", "attribute");
        var get = Filters.Getter(run, bound[1]);
        var isSensitive = bound[0]?.IsTrue ?? false;
        Value? best = null;
        Value? bestKey = null;
        foreach (var item in run.Iterate(value))
        {
            var key = isSensitive ? get(item) : Filters.IgnoreCase(run, get(item));
            if (best is null || (isMax ? Comparison.Less(run.Budget, bestKey!, key, ">") : Comparison.Less(run.Budget, key, bestKey!)))
            {
                (best, bestKey) = (item, key);
            }
        }

        return best ?? new UndefinedValue("No aggregated item, sequence was empty.");
    }

    private static TupleValue Group(Run run, Func<Value, Value> get, List<Value> members) => new([get(members[0]), run.List(members)], s_groupFields);
}
