using System.Globalization;
using System.Text;

namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>Characters and literals of text as Python sees them.</summary>
internal static class PythonText
{
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f';

    public static bool IsLineBreak(char c) => c is '\n' or '\r' or '\v' or '\f' or (>= '\u001c' and <= '\u001e') or '\u0085' or '\u2028' or '\u2029';

    public static string Strip(string text) => StripEnd(StripStart(text));

    public static string StripStart(string text)
    {
        var at = 0;
        while (at < text.Length && IsSpace(text[at]))
        {
            at++;
        }

        return at == 0 ? text : text[at..];
    }

    public static string StripEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
        {
            end--;
        }

        return end == text.Length ? text : text[..end];
    }

    public static IEnumerable<string> Lines(string text, bool keepEnds = false)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            while (end < text.Length && !IsLineBreak(text[end]))
            {
                end++;
            }

            var next = end == text.Length ? end : text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
            yield return text[start..(keepEnds ? next : end)];
            start = next;
        }
    }

    public static string Repr(string text)
    {
        var builder = new StringBuilder(text.Length + 2);
        Repr(builder, text);
        return builder.ToString();
    }

    public static void Repr(StringBuilder builder, string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        builder.Append(quote);
        foreach (var point in CodePointText.Points(text))
        {
            switch (point)
            {
                case '\n':
                    builder.Append("\\n");
                    break;
                case '\r':
                    builder.Append("\\r");
                    break;
                case '\t':
                    builder.Append("\\t");
                    break;
                case '\\':
                    builder.Append("\\\\");
                    break;
                case < 128 when point == quote:
                    builder.Append('\\').Append(quote);
                    break;
                case >= ' ' and < 127:
                    builder.Append((char)point);
                    break;
                default:
                    if (IsPrintable(point))
                    {
                        Append(builder, point);
                    }
                    else
                    {
                        builder.Append(Escape(point));
                    }

                    break;
            }
        }

        builder.Append(quote);
    }

    public static bool IsPrintable(int point) => point == ' ' || Category(point) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    public static UnicodeCategory Category(int point) => CharUnicodeInfo.GetUnicodeCategory(point);

    /// <summary>A character in the notation of Python's literals.</summary>
    public static string Escape(int point) => point switch
    {
        <= 0xff => $"\\x{point:x2}",
        <= 0xffff => $"\\u{point:x4}",
        _ => $"\\U{point:x8}",
    };

    public static void Append(StringBuilder builder, int point)
    {
        if (point > 0xffff)
        {
            builder.Append(char.ConvertFromUtf32(point));
        }
        else
        {
            builder.Append((char)point);
        }
    }
}
