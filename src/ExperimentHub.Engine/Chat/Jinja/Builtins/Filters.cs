using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>What stands behind <c>|</c>.</summary>
internal delegate Value Filter(Run run, Value value, Arguments arguments);

/// <summary>The filters by name.</summary>
internal static class Filters
{
    public static IReadOnlyDictionary<string, Filter> All { get; } = new Dictionary<string, Filter>
    {
        ["abs"] = NumberFilters.Abs,
        ["attr"] = (run, value, arguments) => Lookup.AttributeOnly(run, value, StringMethods.TextOf(arguments.Bind("attr", 1, "name")[0]!, "attr")),
        ["batch"] = SequenceFilters.Batch,
        ["capitalize"] = (run, value, arguments) => Changed(run, value, arguments, TextCase.Capitalize),
        ["center"] = TextFilters.Center,
        ["count"] = Length,
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = SortFilters.DictSort,
        ["e"] = (run, value, arguments) => Alone(arguments, () => Html.Escape(run, value)),
        ["escape"] = (run, value, arguments) => Alone(arguments, () => Html.Escape(run, value)),
        ["filesizeformat"] = NumberFilters.FileSize,
        ["first"] = SequenceFilters.First,
        ["float"] = NumberFilters.Float,
        ["forceescape"] = (run, value, arguments) => Alone(arguments, () => Html.Markup(run, Html.Escape(run.Str(value)))),
        ["format"] = TextFilters.Format,
        ["groupby"] = SortFilters.GroupBy,
        ["indent"] = TextFilters.Indent,
        ["int"] = NumberFilters.Int,
        ["items"] = SequenceFilters.Items,
        ["join"] = SequenceFilters.Join,
        ["last"] = SequenceFilters.Last,
        ["length"] = Length,
        ["list"] = (run, value, arguments) => Alone(arguments, () => new ListValue(run.Collect(value))),
        ["lower"] = (run, value, arguments) => Changed(run, value, arguments, TextCase.Lower),
        ["map"] = SelectionFilters.Map,
        ["max"] = (run, value, arguments) => SortFilters.Extreme(run, value, arguments, isMax: true),
        ["min"] = (run, value, arguments) => SortFilters.Extreme(run, value, arguments, isMax: false),
        ["pprint"] = (run, value, arguments) => Alone(arguments, () => run.Text(PrettyPrint.Format(run, value))),
        ["random"] = (_, _, _) => throw TemplateFault.Runtime("the filter random is not supported, a conversation must render the same each time"),
        ["reject"] = (run, value, arguments) => SelectionFilters.Select(run, value, arguments, wanted: false, byAttribute: false),
        ["rejectattr"] = (run, value, arguments) => SelectionFilters.Select(run, value, arguments, wanted: false, byAttribute: true),
        ["replace"] = TextFilters.Replace,
        ["reverse"] = SequenceFilters.Reverse,
        ["round"] = NumberFilters.Round,
        ["safe"] = (run, value, arguments) => Alone(arguments, () => value is StrValue { IsMarkup: true } ? value : Html.Markup(run, run.Str(value))),
        ["select"] = (run, value, arguments) => SelectionFilters.Select(run, value, arguments, wanted: true, byAttribute: false),
        ["selectattr"] = (run, value, arguments) => SelectionFilters.Select(run, value, arguments, wanted: true, byAttribute: true),
        ["slice"] = SequenceFilters.Slice,
        ["sort"] = SortFilters.Sort,
        ["string"] = (run, value, arguments) => Alone(arguments, () => value is StrValue ? value : run.Text(run.Str(value))),
        ["striptags"] = (run, value, arguments) => Alone(arguments, () => run.Text(Html.StripTags(run.Str(value)))),
        ["sum"] = SequenceFilters.Sum,
        ["title"] = (run, value, arguments) => Changed(run, value, arguments, TextFilters.Title),
        ["tojson"] = JsonText.Dump,
        ["trim"] = TextFilters.Trim,
        ["truncate"] = TextFilters.Truncate,
        ["unique"] = SelectionFilters.Unique,
        ["upper"] = (run, value, arguments) => Changed(run, value, arguments, TextCase.Upper),
        ["urlencode"] = TextFilters.UrlEncode,
        ["urlize"] = (_, _, _) => throw TemplateFault.Runtime("the filter urlize is not supported, a chat is no HTML"),
        ["wordcount"] = TextFilters.WordCount,
        ["wordwrap"] = WordWrap.Wrap,
        ["xmlattr"] = TextFilters.XmlAttributes,
    };

    /// <summary>The value as a text: marked ones stay marked.</summary>
    public static StrValue Text(Run run, Value value) => value as StrValue ?? new StrValue(run.Str(value));

    /// <summary>Takes the value out of a place by a path such as <c>a.b.0</c>; null as path is the value itself.</summary>
    public static Func<Value, Value> Getter(Run run, Value? path, Value? missing = null)
    {
        var parts = path switch
        {
            null or NoneValue => [],
            StrValue text => [.. text.Text.Split('.').Select(Value (p) => p.Length > 0 && p.All(char.IsDigit) ? IntValue.Of(Numbers.ParseInteger(p, 10) ?? 0) : StrValue.Of(p))],
            _ => new[] { path },
        };
        return item =>
        {
            foreach (var part in parts)
            {
                run.Budget.Step();
                item = Lookup.Item(run, item, part);
                item = missing is not (null or NoneValue) && item is UndefinedValue ? missing : item;
            }

            return item;
        };
    }

    /// <summary>Makes a text comparable without its case; other values stay.</summary>
    public static Value IgnoreCase(Run run, Value value) => value is StrValue text ? run.Text(TextCase.Lower(text.Text)) : value;

    private static Value Alone(Arguments arguments, Func<Value> result)
    {
        arguments.Bind("filter", 0);
        return result();
    }

    private static Value Changed(Run run, Value value, Arguments arguments, Func<string, string> change)
    {
        arguments.Bind("filter", 0);
        var text = Text(run, value);
        run.Budget.Step(text.Text.Length >> 2);
        return StringMethods.Marked(run, text, change(text.Text));
    }

    private static IntValue Length(Run run, Value value, Arguments arguments)
    {
        arguments.Bind("len", 0);
        if (value is StrValue text)
        {
            run.Budget.Scan(text.Text.Length);
        }

        return value.Length is { } length ? IntValue.Of(length) : throw TemplateFault.Runtime($"object of type '{value.TypeName}' has no len()");
    }

    private static Value Default(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("default", 0, "default_value", "boolean");
        return value is UndefinedValue || ((bound[1]?.IsTrue ?? false) && !value.IsTrue) ? bound[0] ?? StrValue.Empty : value;
    }
}
