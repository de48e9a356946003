using System.Globalization;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>Writes a set of code points for .NET's regular expressions, which see UTF-16 units: what is above U+FFFF becomes pairs of surrogates.</summary>
internal static class SurrogateRegex
{
    internal static string Write(CodePointSet set)
    {
        var basic = new StringBuilder();
        var pairs = new List<string>();
        foreach (var (first, last) in set.Ranges)
        {
            if (first <= 0xFFFF)
            {
                AppendRange(basic, first, Math.Min(last, 0xFFFF));
            }

            if (last > 0xFFFF)
            {
                AddPairs(pairs, Math.Max(first, 0x10000), last);
            }
        }

        var units = basic.Length > 0 ? $"[{basic}]" : null;
        var astral = pairs.Count > 0 ? $"(?=[\\uD800-\\uDBFF])(?:{string.Join('|', pairs)})" : null;
        return (units, astral) switch
        {
            (null, null) => "(?!)",
            (not null, null) => units,
            (null, not null) => $"(?:{astral})",
            _ => $"(?:{units}|{astral})",
        };
    }

    private static void AddPairs(List<string> pairs, int first, int last)
    {
        while (first <= last)
        {
            var high = High(first);
            if (Low(first) == 0xDC00 && last - first >= 0x3FF)
            {
                // As many whole blocks as there are.
                var blocks = (last - first + 1) / 0x400;
                pairs.Add($"[{Unit(high)}-{Unit(high + blocks - 1)}][\\uDC00-\\uDFFF]");
                first += blocks * 0x400;
                continue;
            }

            var end = Math.Min(last, first | 0x3FF);
            pairs.Add($"{Unit(high)}[{Unit(Low(first))}-{Unit(Low(end))}]");
            first = end + 1;
        }
    }

    private static void AppendRange(StringBuilder text, int first, int last)
    {
        text.Append(Unit(first));
        if (last > first)
        {
            text.Append('-').Append(Unit(last));
        }
    }

    private static int High(int codePoint) => 0xD800 + ((codePoint - 0x10000) >> 10);

    private static int Low(int codePoint) => 0xDC00 + ((codePoint - 0x10000) & 0x3FF);

    private static string Unit(int unit) => string.Create(CultureInfo.InvariantCulture, $"\\u{unit:X4}");
}
