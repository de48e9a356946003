using System.Text;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>The little of HTML that filters need.</summary>
internal static class Html
{
    private const string HexDigits = "0123456789ABCDEF";

    public static string Escape(string text) => text.AsSpan().IndexOfAny("&<>'\"") < 0
        ? text
        : text.Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal);

    public static StrValue Escape(Run run, Value value) =>
        value is StrValue { IsMarkup: true } markup ? markup : Markup(run, Escape(run.Str(value)));

    public static StrValue Markup(Run run, string text)
    {
        run.Budget.Text(text.Length);
        return new StrValue(text, isMarkup: true);
    }

    /// <summary>Takes comments and tags out, joins blanks, and reads the entities.</summary>
    public static string StripTags(string text)
    {
        text = Without(text, "<!--", "-->");
        text = Without(text, "<", ">");
        var words = new StringBuilder();
        foreach (var word in text.Split((char[])[.. text.Where(PythonText.IsSpace).Distinct()], StringSplitOptions.RemoveEmptyEntries))
        {
            words.Append(words.Length == 0 ? "" : " ").Append(word);
        }

        return System.Net.WebUtility.HtmlDecode(words.ToString());
    }

    /// <summary>For a path; with <paramref name="isQuery"/> for a query, where a blank is a plus and a slash is quoted.</summary>
    public static string UrlQuote(Run run, string text, bool isQuery)
    {
        run.Budget.Text(3L * Encoding.UTF8.GetByteCount(text));
        var builder = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '~' || (c == '/' && !isQuery))
            {
                builder.Append(c);
            }
            else if (c == ' ' && isQuery)
            {
                builder.Append('+');
            }
            else
            {
                builder.Append('%').Append(HexDigits[b >> 4]).Append(HexDigits[b & 15]);
            }
        }

        return builder.ToString();
    }

    private static string Without(string text, string open, string close)
    {
        var builder = new StringBuilder();
        var at = 0;
        while (text.IndexOf(open, at, StringComparison.Ordinal) is var start and >= 0 && text.IndexOf(close, start, StringComparison.Ordinal) is var end and >= 0)
        {
            builder.Append(text, at, start - at);
            at = end + close.Length;
        }

        return builder.Append(text, at, text.Length - at).ToString();
    }
}
