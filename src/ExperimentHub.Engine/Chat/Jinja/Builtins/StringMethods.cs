using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>The methods of <c>str</c>.</summary>
internal static class StringMethods
{
    private static readonly Dictionary<string, Func<Run, StrValue, Arguments, Value>> s_all = new()
    {
        ["upper"] = (run, s, a) => Of(run, s, a, TextCase.Upper),
        ["lower"] = (run, s, a) => Of(run, s, a, TextCase.Lower),
        ["casefold"] = (run, s, a) => Of(run, s, a, TextCase.Fold),
        ["title"] = (run, s, a) => Of(run, s, a, TextCase.Title),
        ["capitalize"] = (run, s, a) => Of(run, s, a, TextCase.Capitalize),
        ["swapcase"] = (run, s, a) => Of(run, s, a, TextCase.Swap),
        ["strip"] = (run, s, a) => Strip(run, s, a, "strip", true, true),
        ["lstrip"] = (run, s, a) => Strip(run, s, a, "lstrip", true, false),
        ["rstrip"] = (run, s, a) => Strip(run, s, a, "rstrip", false, true),
        ["split"] = (run, s, a) => Splitting.Split(run, s, a, fromEnd: false),
        ["rsplit"] = (run, s, a) => Splitting.Split(run, s, a, fromEnd: true),
        ["splitlines"] = Splitting.Lines,
        ["partition"] = (run, s, a) => Splitting.Partition(run, s, a, fromEnd: false),
        ["rpartition"] = (run, s, a) => Splitting.Partition(run, s, a, fromEnd: true),
        ["join"] = Join,
        ["replace"] = Replace,
        ["removeprefix"] = (run, s, a) => Affix(run, s, a.Places("removeprefix", 1, 1)[0]!, isPrefix: true),
        ["removesuffix"] = (run, s, a) => Affix(run, s, a.Places("removesuffix", 1, 1)[0]!, isPrefix: false),
        ["startswith"] = (run, s, a) => BoolValue.Of(Searching.Touches(run, s, a, atStart: true)),
        ["endswith"] = (run, s, a) => BoolValue.Of(Searching.Touches(run, s, a, atStart: false)),
        ["find"] = (run, s, a) => IntValue.Of(Searching.Find(run, s, a, "find", fromEnd: false)),
        ["rfind"] = (run, s, a) => IntValue.Of(Searching.Find(run, s, a, "rfind", fromEnd: true)),
        ["index"] = (run, s, a) => Found(Searching.Find(run, s, a, "index", fromEnd: false)),
        ["rindex"] = (run, s, a) => Found(Searching.Find(run, s, a, "rindex", fromEnd: true)),
        ["count"] = (run, s, a) => IntValue.Of(Searching.Count(run, s, a)),
        ["center"] = (run, s, a) => Pad(run, s, a, "center"),
        ["ljust"] = (run, s, a) => Pad(run, s, a, "ljust"),
        ["rjust"] = (run, s, a) => Pad(run, s, a, "rjust"),
        ["zfill"] = ZeroFill,
        ["expandtabs"] = ExpandTabs,
        ["format"] = (run, s, a) => Marked(run, s, StrFormat.Format(run, s, a.Positional, name => a.Named.FirstOrDefault(n => n.Key == name).Value)),
        ["format_map"] = FormatMap,
        ["isalpha"] = (run, s, a) => Every(run, s, a, TextCase.IsAlpha),
        ["isdigit"] = (run, s, a) => Every(run, s, a, TextCase.IsDigit),
        ["isdecimal"] = (run, s, a) => Every(run, s, a, TextCase.IsDecimal),
        ["isnumeric"] = (run, s, a) => Every(run, s, a, TextCase.IsNumeric),
        ["isalnum"] = (run, s, a) => Every(run, s, a, p => TextCase.IsAlpha(p) || TextCase.IsNumeric(p)),
        ["isspace"] = (run, s, a) => Every(run, s, a, p => p <= 0xffff && PythonText.IsSpace((char)p)),
        ["isascii"] = (run, s, a) => Whole(run, s, a, text => System.Text.Ascii.IsValid(text)),
        ["isprintable"] = (run, s, a) => BoolValue.Of(s.Text.Length == 0 || Every(run, s, a, PythonText.IsPrintable).IsTrue),
        ["isidentifier"] = (run, s, a) => Whole(run, s, a, TextCase.IsIdentifier),
        ["isupper"] = (run, s, a) => Whole(run, s, a, TextCase.IsUpper),
        ["islower"] = (run, s, a) => Whole(run, s, a, TextCase.IsLower),
        ["istitle"] = (run, s, a) => Whole(run, s, a, TextCase.IsTitle),
        ["encode"] = (_, _, _) => throw TemplateFault.Runtime("the method encode is not supported, a chat template has no bytes"),
        ["translate"] = (_, _, _) => throw TemplateFault.Runtime("the method translate is not supported"),
        ["maketrans"] = (_, _, _) => throw TemplateFault.Runtime("the method maketrans is not supported"),
    };

    public static Value? Find(StrValue text, string name) =>
        s_all.TryGetValue(name, out var method) ? new FunctionValue(name, (run, arguments) => method(run, text, arguments)) : null;

    /// <summary>Strips the characters of a set, or blanks.</summary>
    public static Value Strip(Run run, StrValue text, Value? characters, bool start, bool end)
    {
        if (characters is not (null or NoneValue or StrValue))
        {
            throw TemplateFault.Runtime($"strip arg must be None or str, not {characters.TypeName}");
        }

        run.Budget.Scan(text.Text.Length);
        var set = characters is StrValue chosen ? CodePointText.Points(chosen.Text).ToHashSet() : null;
        var (from, to) = (0, text.Text.Length);
        while (start && from < to && IsIn(set, text.Text, from, out var units))
        {
            from += units;
        }

        while (end && to > from)
        {
            var units = to - from >= 2 && CodePointText.UnitsAt(text.Text, to - 2) == 2 ? 2 : 1;
            if (!IsIn(set, text.Text, to - units, out _))
            {
                break;
            }

            to -= units;
        }

        return from == 0 && to == text.Text.Length ? text : Marked(run, text, text.Text[from..to]);
    }

    public static Value Center(Run run, StrValue text, int width, string fill = " ") => Pad(run, text, width, fill, "center");

    public static Value Replace(Run run, StrValue text, string old, string replacement, int count)
    {
        run.Budget.Search(text.Text.Length, old.Length);
        if (old.Length == 0)
        {
            var pieces = (count < 0 ? long.MaxValue : count, text.CodePoints + 1L);
            var times = Math.Min(pieces.Item1, pieces.Item2);
            run.Budget.Text(text.Text.Length + (times * replacement.Length));
            return Marked(run, text, Interleave(text.Text, replacement, times));
        }

        var places = new List<int>();
        for (var at = 0; (count < 0 || places.Count < count) && (at = text.Text.IndexOf(old, at, StringComparison.Ordinal)) >= 0; at += old.Length)
        {
            places.Add(at);
        }

        if (places.Count == 0)
        {
            return text;
        }

        run.Budget.Step(places.Count);
        var length = text.Text.Length + ((long)places.Count * (replacement.Length - old.Length));
        run.Budget.Text(length);
        var builder = new System.Text.StringBuilder((int)length);
        var last = 0;
        foreach (var place in places)
        {
            builder.Append(text.Text, last, place - last).Append(replacement);
            last = place + old.Length;
        }

        return Marked(run, text, builder.Append(text.Text, last, text.Text.Length - last).ToString());
    }

    public static Value JoinAll(Run run, string separator, IEnumerable<string> parts)
    {
        var builder = new System.Text.StringBuilder();
        var first = true;
        foreach (var part in parts)
        {
            run.Budget.CheckLength(builder.Length + (long)separator.Length + part.Length);
            builder.Append(first ? "" : separator).Append(part);
            first = false;
        }

        return run.Text(builder.ToString());
    }

    /// <summary>The text of an argument that must be one.</summary>
    public static string TextOf(Value value, string function) => value is StrValue text ? text.Text
        : value is UndefinedValue ? throw TemplateFault.Runtime($"{function}() argument must be str, not Undefined")
        : throw TemplateFault.Runtime($"{function}() argument must be str, not {value.TypeName}");

    /// <summary>A result that stays marked as safe if its source was.</summary>
    public static Value Marked(Run run, StrValue source, string text)
    {
        run.Budget.Text(text.Length);
        return source.IsMarkup ? new StrValue(text, isMarkup: true) : StrValue.Of(text);
    }

    private static Value Of(Run run, StrValue text, Arguments arguments, Func<string, string> change)
    {
        arguments.Places("method", 0, 0);
        run.Budget.Step(text.Text.Length >> 2);
        return Marked(run, text, change(text.Text));
    }

    private static Value Strip(Run run, StrValue text, Arguments arguments, string name, bool start, bool end) =>
        Strip(run, text, arguments.Places(name, 0, 1)[0], start, end);

    private static bool IsIn(HashSet<int>? set, string text, int at, out int units)
    {
        units = CodePointText.UnitsAt(text, at);
        return set is null ? PythonText.IsSpace(text[at]) : set.Contains(units == 2 ? char.ConvertToUtf32(text, at) : text[at]);
    }

    private static StrValue Join(Run run, StrValue separator, Arguments arguments)
    {
        var parts = run.Iterate(arguments.Places("join", 1, 1)[0]!).Select((value, i) => separator.IsMarkup ? Html.Escape(run, value).Text
            : value is StrValue text ? text.Text
            : throw TemplateFault.Runtime($"sequence item {i}: expected str instance, {value.TypeName} found"));
        var joined = (StrValue)JoinAll(run, separator.Text, parts);
        return separator.IsMarkup ? new StrValue(joined.Text, isMarkup: true) : joined;
    }

    private static Value Replace(Run run, StrValue text, Arguments arguments)
    {
        var places = arguments.Places("replace", 2, 3);
        return Replace(run, text, TextOf(places[0]!, "replace"), TextOf(places[1]!, "replace"), places[2] is { } count ? Numbers.Clamped(count) : -1);
    }

    private static string Interleave(string text, string piece, long times)
    {
        var builder = new System.Text.StringBuilder();
        for (var at = 0; at <= text.Length; times--)
        {
            builder.Append(times > 0 ? piece : "");
            var units = at < text.Length ? CodePointText.UnitsAt(text, at) : 1;
            builder.Append(text, Math.Min(at, text.Length), at < text.Length ? units : 0);
            at += units;
        }

        return builder.ToString();
    }

    private static Value Affix(Run run, StrValue text, Value affix, bool isPrefix)
    {
        var part = TextOf(affix, isPrefix ? "removeprefix" : "removesuffix");
        return part.Length == 0 ? text
            : isPrefix && text.Text.StartsWith(part, StringComparison.Ordinal) ? Marked(run, text, text.Text[part.Length..])
            : !isPrefix && text.Text.EndsWith(part, StringComparison.Ordinal) ? Marked(run, text, text.Text[..^part.Length])
            : text;
    }

    private static IntValue Found(int place) => place >= 0 ? IntValue.Of(place) : throw TemplateFault.Runtime("substring not found");

    private static Value Pad(Run run, StrValue text, Arguments arguments, string how)
    {
        var places = arguments.Places(how, 1, 2);
        var fill = places[1] is { } given ? TextOf(given, how) : " ";
        return CodePointText.Count(fill) == 1
            ? Pad(run, text, Numbers.Clamped(places[0]!), fill, how)
            : throw TemplateFault.Runtime("The fill character must be exactly one character long");
    }

    private static Value Pad(Run run, StrValue text, int width, string fill, string how)
    {
        var missing = (long)width - text.CodePoints;
        if (missing <= 0)
        {
            return text;
        }

        run.Budget.Text(text.Text.Length + (missing * fill.Length));
        var left = how switch
        {
            "ljust" => 0,
            "rjust" => missing,
            _ => (missing / 2) + (missing & width & 1),
        };
        return Marked(run, text, Fill(fill, left) + text.Text + Fill(fill, missing - left));
    }

    private static string Fill(string fill, long count) =>
        fill.Length == 1 ? new string(fill[0], (int)count) : string.Concat(Enumerable.Repeat(fill, (int)count));

    private static Value ZeroFill(Run run, StrValue text, Arguments arguments)
    {
        var missing = (long)Numbers.Clamped(arguments.Places("zfill", 1, 1)[0]!) - text.CodePoints;
        if (missing <= 0)
        {
            return text;
        }

        run.Budget.Text(text.Text.Length + missing);
        var signed = text.Text.StartsWith('+') || text.Text.StartsWith('-');
        return Marked(run, text, (signed ? text.Text[..1] : "") + new string('0', (int)missing) + text.Text[(signed ? 1 : 0)..]);
    }

    private static Value ExpandTabs(Run run, StrValue text, Arguments arguments)
    {
        var size = arguments.Bind("expandtabs", 0, "tabsize")[0] is { } given ? Numbers.Clamped(given) : 8;
        var builder = new System.Text.StringBuilder();
        var column = 0;
        foreach (var point in CodePointText.Points(text.Text))
        {
            if (point == '\t')
            {
                var blanks = size > 0 ? size - (column % size) : 0;
                run.Budget.CheckLength(builder.Length + (long)blanks);
                builder.Append(' ', blanks);
                column += blanks;
                continue;
            }

            PythonText.Append(builder, point);
            column = point is '\n' or '\r' ? 0 : column + 1;
        }

        return Marked(run, text, builder.ToString());
    }

    private static Value FormatMap(Run run, StrValue text, Arguments arguments)
    {
        var mapping = arguments.Places("format_map", 1, 1)[0]!;
        return Marked(run, text, StrFormat.Format(run, text, [], name => mapping is DictValue dict ? dict.Find(name) : null));
    }

    private static BoolValue Whole(Run run, StrValue text, Arguments arguments, Func<string, bool> holds)
    {
        arguments.Places("method", 0, 0);
        run.Budget.Step(text.Text.Length >> 2);
        return BoolValue.Of(holds(text.Text));
    }

    private static BoolValue Every(Run run, StrValue text, Arguments arguments, Func<int, bool> holds)
    {
        arguments.Places("method", 0, 0);
        run.Budget.Step(text.Text.Length >> 2);
        return BoolValue.Of(text.Text.Length > 0 && CodePointText.Points(text.Text).All(holds));
    }
}
