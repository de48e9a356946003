using System.Text.RegularExpressions;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>The filter <c>wordwrap</c>: lines of at most a given width, broken at blanks and hyphens, as Python's <c>textwrap</c> does it.</summary>
internal static partial class WordWrap
{
    public static Value Wrap(Run run, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("wordwrap", 0, "width", "break_long_words", "wrapstring", "break_on_hyphens");
        if (value is not StrValue text)
        {
            throw value is UndefinedValue undefined ? undefined.Fault() : TemplateFault.Runtime($"'{value.TypeName}' object has no attribute 'splitlines'");
        }

        var width = bound[0] is { } given ? Numbers.Clamped(given) : 79;
        var breakLong = bound[1]?.IsTrue ?? true;
        var separator = bound[2] is null or NoneValue ? "\n" : StringMethods.TextOf(bound[2]!, "join");
        var onHyphens = bound[3]?.IsTrue ?? true;
        if (width <= 0 && text.Text.Length > 0)
        {
            throw TemplateFault.Runtime($"invalid width {width} (must be > 0)");
        }

        var lines = PythonText.Lines(text.Text).Select(line => string.Join(separator, Lines(run, line, width, breakLong, onHyphens)));
        return StringMethods.JoinAll(run, separator, lines);
    }

    private static List<string> Lines(Run run, string line, int width, bool breakLong, bool onHyphens)
    {
        // Looking for dashes goes over each run of them again and again.
        run.Budget.Objects(line.Length);
        run.Budget.Step((long)line.Length * LongestDash(line));
        var chunks = new Stack<string>((onHyphens ? Chunks() : Words()).Split(line).Where(c => c.Length > 0).Reverse());
        var lines = new List<string>();
        while (chunks.Count > 0)
        {
            run.Budget.Items(1);
            if (lines.Count > 0 && IsBlank(chunks.Peek()))
            {
                chunks.Pop();
            }

            var current = new List<string>();
            var length = 0;
            while (chunks.Count > 0 && length + CodePointText.Count(chunks.Peek()) <= width)
            {
                length += CodePointText.Count(chunks.Peek());
                current.Add(chunks.Pop());
            }

            if (chunks.Count > 0 && CodePointText.Count(chunks.Peek()) > width)
            {
                TakeLong(chunks, current, width, width - length, breakLong, onHyphens);
            }

            if (current.Count > 0 && IsBlank(current[^1]))
            {
                current.RemoveAt(current.Count - 1);
            }

            if (current.Count > 0)
            {
                lines.Add(string.Concat(current));
            }
        }

        return lines;
    }

    private static void TakeLong(Stack<string> chunks, List<string> current, int width, int left, bool breakLong, bool onHyphens)
    {
        if (!breakLong)
        {
            if (current.Count == 0)
            {
                current.Add(chunks.Pop());
            }

            return;
        }

        var chunk = new StrValue(chunks.Pop());
        var end = width < 1 ? 1 : left;
        if (onHyphens && chunk.CodePoints > left)
        {
            var hyphen = Slicing.Cut(chunk, 0, left, 1).Text.LastIndexOf('-');
            if (hyphen > 0 && chunk.Text[..hyphen].Any(c => c != '-'))
            {
                end = CodePointText.Count(chunk.Text.AsSpan(0, hyphen + 1));
            }
        }

        current.Add(Slicing.Cut(chunk, 0, end, 1).Text);
        chunks.Push(Slicing.Cut(chunk, end, chunk.CodePoints - end, 1).Text);
    }

    private static int LongestDash(string line)
    {
        var (longest, current) = (1, 0);
        foreach (var c in line)
        {
            current = c == '-' ? current + 1 : 0;
            longest = Math.Max(longest, current);
        }

        return longest;
    }

    private static bool IsBlank(string text) => text.All(PythonText.IsSpace);

    // Where a line may be broken: blanks, a hyphen between letters, and long dashes.
    [GeneratedRegex(@"([\t\n\v\f\r ]+|(?<=[\w!""'&.,?])-{2,}(?=\w)|[^\t\n\v\f\r ](?:[^\t\n\v\f\r -])*(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])|(?=[\t\n\v\f\r ]|\z)|(?<=[\w!""'&.,?])(?=-{2,}\w)))", RegexOptions.CultureInvariant)]
    private static partial Regex Chunks();

    [GeneratedRegex(@"([\t\n\v\f\r ]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
