using System.Buffers;
using System.Text;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>Filters over texts.</summary>
internal static class TextFilters
{
    private const int TruncateLeeway = 5;

    private static readonly SearchValues<char> s_noAttribute = SearchValues.Create(" \t\n\r\f\v/>=");

    public static Value Trim(Run run, Value value, Arguments arguments) =>
        StringMethods.Strip(run, Filters.Text(run, value), arguments.Bind("trim", 0, "chars")[0], start: true, end: true);

    public static Value Center(Run run, Value value, Arguments arguments) =>
        StringMethods.Center(run, Filters.Text(run, value), arguments.Bind("center", 0, "width")[0] is { } width ? Numbers.Clamped(width) : 80);

    public static Value Replace(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("replace", 2, "old", "new", "count");
        var count = bound[2] is null or NoneValue ? -1 : Numbers.Clamped(bound[2]!);
        return StringMethods.Replace(run, new StrValue(run.Str(value)), run.Str(bound[0]!), run.Str(bound[1]!), count);
    }

    public static Value Format(Run run, Value value, Arguments arguments)
    {
        if (arguments.Positional.Count > 0 && arguments.Named.Count > 0)
        {
            throw TemplateFault.Runtime("can't handle positional and keyword arguments at the same time");
        }

        var named = new DictValue();
        foreach (var (name, content) in arguments.Named)
        {
            named.Set(StrValue.Of(name), content);
        }

        return PercentFormat.Format(run, Filters.Text(run, value), named.IsTrue ? named : new TupleValue(arguments.Positional));
    }

    public static Value Indent(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("indent", 0, "width", "first", "blank");
        if (value is not StrValue text)
        {
            throw value is UndefinedValue undefined ? undefined.Fault() : TemplateFault.Runtime($"unsupported operand type(s) for +=: '{value.TypeName}' and 'str'");
        }

        var width = bound[0] switch
        {
            null => 4,
            StrValue => 0,
            { } number => Numbers.Clamped(number),
        };
        run.Budget.Text(Math.Max(0, width));
        var indention = bound[0] is StrValue own ? own.Text : new string(' ', Math.Max(0, width));
        var (first, blank) = (bound[1]?.IsTrue ?? false, bound[2]?.IsTrue ?? false);
        var builder = new StringBuilder(first ? indention : "");
        var isFirst = true;
        foreach (var line in PythonText.Lines(text.Text + "\n"))
        {
            run.Budget.CheckLength(builder.Length + (long)line.Length + indention.Length);
            builder.Append(isFirst ? "" : "\n").Append(!isFirst && (blank || line.Length > 0) ? indention : "").Append(line);
            isFirst = false;
        }

        return StringMethods.Marked(run, text, builder.ToString());
    }

    public static Value Truncate(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("truncate", 0, "length", "killwords", "end", "leeway");
        var length = bound[0] is { } given ? Numbers.Clamped(given) : 255;
        var end = bound[2] is { } ending ? Filters.Text(run, ending) : StrValue.Of("...");
        var leeway = bound[3] is null or NoneValue ? TruncateLeeway : Numbers.Clamped(bound[3]!);
        if (length < end.CodePoints || leeway < 0)
        {
            throw TemplateFault.Runtime(leeway < 0 ? $"expected leeway >= 0, got {leeway}" : $"expected length >= {end.CodePoints}, got {length}");
        }

        if (value.Length is not { } own)
        {
            throw TemplateFault.Runtime($"object of type '{value.TypeName}' has no len()");
        }

        if (own <= (long)length + leeway)
        {
            return value;
        }

        if (value is not StrValue text)
        {
            throw TemplateFault.Runtime($"'{value.TypeName}' object cannot be truncated");
        }

        var cut = Slicing.Cut(text, 0, length - end.CodePoints, 1).Text;
        var space = bound[1]?.IsTrue ?? false ? -1 : cut.LastIndexOf(' ');
        return StringMethods.Marked(run, text, (space < 0 ? cut : cut[..space]) + end.Text);
    }

    /// <summary>Words begin behind blanks, hyphens and opening brackets; the apostrophe is part of a word.</summary>
    public static string Title(string text)
    {
        var builder = new StringBuilder(text.Length);
        var lower = text.ToLowerInvariant();
        for (var (at, begins) = (0, true); at < text.Length;)
        {
            var units = CodePointText.UnitsAt(text, at);
            var isBreak = PythonText.IsSpace(text[at]) || text[at] is '-' or '(' or '{' or '[' or '<';
            if (begins && !isBreak && text[at] > 'z')
            {
                builder.Append(TextCase.Upper(text.Substring(at, units)));
            }
            else if (begins && !isBreak)
            {
                builder.Append(char.ToUpperInvariant(text[at]));
            }
            else
            {
                builder.Append(lower, at, units);
            }

            begins = isBreak;
            at += units;
        }

        return builder.ToString();
    }

    public static Value WordCount(Run run, Value value, Arguments arguments)
    {
        arguments.Bind("wordcount", 0);
        var (count, inWord) = (0, false);
        var text = run.Str(value);
        run.Budget.Scan(text.Length);
        foreach (var point in CodePointText.Points(text))
        {
            var isWord = TextCase.IsWord(point);
            count += isWord && !inWord ? 1 : 0;
            inWord = isWord;
        }

        return IntValue.Of(count);
    }

    public static Value UrlEncode(Run run, Value value, Arguments arguments)
    {
        arguments.Bind("urlencode", 0);
        if (value is StrValue || value.Items is null)
        {
            return run.Text(Html.UrlQuote(run, run.Str(value), isQuery: false));
        }

        var items = value is DictValue dict ? new DictView(dict, DictPart.Items) : value;
        return StringMethods.JoinAll(run, "&", run.Iterate(items).Select(item =>
        {
            var pair = item.Items?.Take(3).ToList();
            return pair is { Count: 2 }
                ? $"{Html.UrlQuote(run, run.Str(pair[0]), isQuery: true)}={Html.UrlQuote(run, run.Str(pair[1]), isQuery: true)}"
                : throw TemplateFault.Runtime("not enough values to unpack (expected 2)");
        }));
    }

    public static Value XmlAttributes(Run run, Value value, Arguments arguments)
    {
        var spaced = arguments.Bind("xmlattr", 0, "autospace")[0]?.IsTrue ?? true;
        if (value is not DictValue dict)
        {
            throw value is UndefinedValue undefined ? undefined.Fault() : TemplateFault.Runtime($"'{value.TypeName}' object has no attribute 'items'");
        }

        var attributes = dict.Entries.Where(e => e.Value is not (NoneValue or UndefinedValue)).Select(e =>
        {
            var name = StringMethods.TextOf(e.Key, "xmlattr");
            return name.AsSpan().IndexOfAny(s_noAttribute) < 0
                ? $"{Html.Escape(name)}=\"{Html.Escape(run, e.Value).Text}\""
                : throw TemplateFault.Runtime($"Invalid character in attribute name: {PythonText.Repr(InputException.Quote(name))}");
        });
        var joined = ((StrValue)StringMethods.JoinAll(run, " ", attributes)).Text;
        return StrValue.Of(spaced && joined.Length > 0 ? " " + joined : joined);
    }
}
