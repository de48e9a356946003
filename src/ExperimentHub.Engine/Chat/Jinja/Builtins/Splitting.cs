using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary><c>split</c>, <c>splitlines</c> and <c>partition</c>.</summary>
internal static class Splitting
{
    public static Value Split(Run run, StrValue text, Arguments arguments, bool fromEnd)
    {
        var name = fromEnd ? "rsplit" : "split";
        var bound = arguments.Bind(name, 0, "sep", "maxsplit");
        var most = bound[1] is { } given ? Numbers.Clamped(given) : -1;
        most = most < 0 ? int.MaxValue : most;
        if (bound[0] is null or NoneValue)
        {
            run.Budget.Scan(text.Text.Length);
            return Pieces(run, text, fromEnd ? WordsFromEnd(text.Text, most) : Words(text.Text, most));
        }

        var separator = StringMethods.TextOf(bound[0]!, name);
        if (separator.Length == 0)
        {
            throw TemplateFault.Runtime("empty separator");
        }

        run.Budget.Search(text.Text.Length, separator.Length);
        return Pieces(run, text, fromEnd ? PartsFromEnd(text.Text, separator, most) : Parts(text.Text, separator, most));
    }

    public static Value Lines(Run run, StrValue text, Arguments arguments)
    {
        var keep = arguments.Bind("splitlines", 0, "keepends")[0]?.IsTrue ?? false;
        run.Budget.Scan(text.Text.Length);
        return Pieces(run, text, PythonText.Lines(text.Text, keep));
    }

    public static Value Partition(Run run, StrValue text, Arguments arguments, bool fromEnd)
    {
        var separator = StringMethods.TextOf(arguments.Places(fromEnd ? "rpartition" : "partition", 1, 1)[0]!, "partition");
        if (separator.Length == 0)
        {
            throw TemplateFault.Runtime("empty separator");
        }

        run.Budget.Search(text.Text.Length, separator.Length);
        var place = fromEnd ? text.Text.LastIndexOf(separator, StringComparison.Ordinal) : text.Text.IndexOf(separator, StringComparison.Ordinal);
        var marked = new Func<string, Value>(part => StringMethods.Marked(run, text, part));
        return place < 0
            ? new TupleValue(fromEnd ? [marked(""), marked(""), text] : [text, marked(""), marked("")])
            : new TupleValue([marked(text.Text[..place]), marked(separator), marked(text.Text[(place + separator.Length)..])]);
    }

    private static ListValue Pieces(Run run, StrValue text, IEnumerable<string> pieces)
    {
        var list = new List<Value>();
        foreach (var piece in pieces)
        {
            run.Budget.Objects(1);
            run.Budget.Step();
            list.Add(StringMethods.Marked(run, text, piece));
        }

        return new ListValue(list);
    }

    private static IEnumerable<string> Parts(string text, string separator, int most)
    {
        var start = 0;
        for (var i = 0; i < most; i++)
        {
            var place = text.IndexOf(separator, start, StringComparison.Ordinal);
            if (place < 0)
            {
                break;
            }

            yield return text[start..place];
            start = place + separator.Length;
        }

        yield return text[start..];
    }

    private static List<string> PartsFromEnd(string text, string separator, int most)
    {
        var parts = new List<string>();
        var end = text.Length;
        while (parts.Count < most)
        {
            var place = text.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal);
            if (place < 0)
            {
                break;
            }

            parts.Add(text[(place + separator.Length)..end]);
            end = place;
        }

        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }

    private static IEnumerable<string> Words(string text, int most)
    {
        var at = SkipSpaces(text, 0);
        for (var i = 0; at < text.Length; i++)
        {
            if (i == most)
            {
                yield return text[at..];
                yield break;
            }

            var end = at;
            while (end < text.Length && !PythonText.IsSpace(text[end]))
            {
                end++;
            }

            yield return text[at..end];
            at = SkipSpaces(text, end);
        }
    }

    private static List<string> WordsFromEnd(string text, int most)
    {
        var words = new List<string>();
        var end = PythonText.StripEnd(text).Length;
        while (end > 0)
        {
            if (words.Count == most)
            {
                words.Add(text[..end]);
                break;
            }

            var start = end;
            while (start > 0 && !PythonText.IsSpace(text[start - 1]))
            {
                start--;
            }

            words.Add(text[start..end]);
            end = start;
            while (end > 0 && PythonText.IsSpace(text[end - 1]))
            {
                end--;
            }
        }

        words.Reverse();
        return words;
    }

    private static int SkipSpaces(string text, int at)
    {
        while (at < text.Length && PythonText.IsSpace(text[at]))
        {
            at++;
        }

        return at;
    }
}
