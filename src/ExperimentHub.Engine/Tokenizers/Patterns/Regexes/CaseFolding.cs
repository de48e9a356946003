using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>Which characters a pattern that does not look at case takes for the same.</summary>
internal static class CaseFolding
{
    /// <summary>Groups that upper and lower case alone do not join.</summary>
    private static readonly string[] s_groups = ["sSſ", "kK\u212A", "åÅ\u212B", "µμΜ", "σςΣ", "θϑΘϴ", "ωΩ\u2126", "βϐΒ", "εϵΕ", "κϰΚ", "πϖΠ", "ρϱΡ", "φϕΦ", "ιͅΙ\u1FBE", "ßẞ", "ṡẛṠ"];

    private static readonly Lazy<Dictionary<int, List<int>>> s_equal = new(Build);

    internal static CodePointSet Close(CodePointSet set)
    {
        var more = new List<(int, int)>();
        foreach (var (codePoint, equal) in s_equal.Value)
        {
            if (set.Contains(codePoint))
            {
                more.AddRange(equal.Select(e => (e, e)));
            }
        }

        return more.Count == 0 ? set : set.Union(CodePointSet.Of(more));
    }

    private static Dictionary<int, List<int>> Build()
    {
        var equal = new Dictionary<int, List<int>>();
        for (var i = 0; i <= 0x1FFFF; i++)
        {
            if (i is >= 0xD800 and <= 0xDFFF)
            {
                continue;
            }

            var rune = new Rune(i);
            var (upper, lower) = (Rune.ToUpperInvariant(rune).Value, Rune.ToLowerInvariant(rune).Value);
            if (upper != i || lower != i)
            {
                Join(equal, [i, upper, lower]);
            }
        }

        foreach (var group in s_groups)
        {
            Join(equal, [.. group.EnumerateRunes().Select(r => r.Value)]);
        }

        return equal;
    }

    private static void Join(Dictionary<int, List<int>> equal, List<int> members)
    {
        var all = members.Concat(members.SelectMany(m => equal.GetValueOrDefault(m) ?? [])).Distinct().ToList();
        foreach (var member in all)
        {
            equal[member] = all;
        }
    }
}
