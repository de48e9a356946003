using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>What stands behind <c>is</c>.</summary>
internal delegate bool Test(Run run, Value value, Arguments arguments);

/// <summary>The tests by name.</summary>
internal static class Tests
{
    public static IReadOnlyDictionary<string, Test> All { get; } = Make();

    private static Dictionary<string, Test> Make()
    {
        var tests = new Dictionary<string, Test>
        {
            ["odd"] = (run, value, arguments) => Alone(arguments) && Comparison.AreEqual(Operators.Modulo(run, value, IntValue.Of(2)), IntValue.Of(1)),
            ["even"] = (run, value, arguments) => Alone(arguments) && Comparison.AreEqual(Operators.Modulo(run, value, IntValue.Of(2)), IntValue.Of(0)),
            ["divisibleby"] = (run, value, arguments) =>
                Comparison.AreEqual(Operators.Modulo(run, value, arguments.Bind("divisibleby", 1, "num")[0]!), IntValue.Of(0)),
            ["defined"] = (_, value, arguments) => Alone(arguments) && value is not UndefinedValue,
            ["undefined"] = (_, value, arguments) => Alone(arguments) && value is UndefinedValue,
            ["filter"] = (_, value, arguments) => Alone(arguments) && IsKey(value) is StrValue name && Filters.All.ContainsKey(name.Text),
            ["test"] = (_, value, arguments) => Alone(arguments) && IsKey(value) is StrValue name && All!.ContainsKey(name.Text),
            ["none"] = (_, value, arguments) => Alone(arguments) && value is NoneValue,
            ["boolean"] = (_, value, arguments) => Alone(arguments) && value is BoolValue,
            ["true"] = (_, value, arguments) => Alone(arguments) && value is BoolValue { IsTrue: true },
            ["false"] = (_, value, arguments) => Alone(arguments) && value is BoolValue { IsTrue: false },
            ["integer"] = (_, value, arguments) => Alone(arguments) && value is IntValue,
            ["float"] = (_, value, arguments) => Alone(arguments) && value is FloatValue,
            ["number"] = (_, value, arguments) => Alone(arguments) && Numbers.IsNumber(value),
            ["string"] = (_, value, arguments) => Alone(arguments) && value is StrValue,
            ["mapping"] = (_, value, arguments) => Alone(arguments) && value is DictValue,
            ["sequence"] = (_, value, arguments) => Alone(arguments) && value is StrValue or SequenceValue or DictValue or RangeValue or UndefinedValue,
            ["iterable"] = (_, value, arguments) => Alone(arguments) && (value.Items is not null || value is LoopValue),
            ["callable"] = (_, value, arguments) => Alone(arguments) && value is CallableValue or UndefinedValue,
            ["lower"] = (run, value, arguments) => Alone(arguments) && TextCase.IsLower(Cased(run, value)),
            ["upper"] = (run, value, arguments) => Alone(arguments) && TextCase.IsUpper(Cased(run, value)),
            ["escaped"] = (_, value, arguments) => Alone(arguments) && value is StrValue { IsMarkup: true },
            ["sameas"] = (_, value, arguments) => IsSame(value, arguments.Bind("sameas", 1, "other")[0]!),
            ["in"] = (run, value, arguments) => Comparison.Contains(run.Budget, arguments.Bind("in", 1, "seq")[0]!, value),
        };
        Add(tests, ["==", "eq", "equalto"], (run, a, b) => Comparison.AreEqual(run.Budget, a, b));
        Add(tests, ["!=", "ne"], (run, a, b) => !Comparison.AreEqual(run.Budget, a, b));
        Add(tests, [">", "gt", "greaterthan"], (run, a, b) => Comparison.Less(run.Budget, b, a, ">"));
        Add(tests, [">=", "ge"], (run, a, b) => Comparison.LessOrEqual(run.Budget, b, a, ">="));
        Add(tests, ["<", "lt", "lessthan"], (run, a, b) => Comparison.Less(run.Budget, a, b));
        Add(tests, ["<=", "le"], (run, a, b) => Comparison.LessOrEqual(run.Budget, a, b));
        return tests;
    }

    private static void Add(Dictionary<string, Test> tests, string[] names, Func<Run, Value, Value, bool> compare)
    {
        foreach (var name in names)
        {
            tests[name] = (run, value, arguments) => compare(run, value, arguments.Places(name, 1, 1)[0]!);
        }
    }

    private static bool Alone(Arguments arguments)
    {
        arguments.Bind("test", 0);
        return true;
    }

    private static string Cased(Run run, Value value)
    {
        var text = run.Str(value);
        run.Budget.Step(text.Length >> 2);
        return text;
    }

    private static Value IsKey(Value value)
    {
        Hashing.Check(value);
        return value;
    }

    /// <summary>Python shares small numbers and short texts of a template, so equal ones count as the same here.</summary>
    private static bool IsSame(Value a, Value b) =>
        ReferenceEquals(a, b) || (a.GetType() == b.GetType() && a is StrValue or IntValue && Comparison.AreEqual(a, b));
}
