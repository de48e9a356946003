namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>Offsets and lengths in code points, as Python counts them.</summary>
internal static class CodePointText
{
    public static int UnitsAt(string text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    public static int Count(ReadOnlySpan<char> text)
    {
        var first = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        if (first < 0)
        {
            return text.Length;
        }

        var count = text.Length;
        for (var i = first; i + 1 < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && char.IsLowSurrogate(text[i + 1]))
            {
                count--;
                i++;
            }
        }

        return count;
    }

    /// <summary>The UTF-16 offset of the code point number <paramref name="point"/>.</summary>
    public static int Unit(StrValue text, int point)
    {
        if (text.IsFlat)
        {
            return point;
        }

        var at = 0;
        for (var i = 0; i < point; i++)
        {
            at += UnitsAt(text.Text, at);
        }

        return at;
    }

    /// <summary>The code points as numbers; a lone surrogate stands for itself.</summary>
    public static IEnumerable<int> Points(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = UnitsAt(text, at);
            yield return length == 2 ? char.ConvertToUtf32(text[at], text[at + 1]) : text[at];
            at += length;
        }
    }
}
