using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>
/// The substrings of words that occur at least twice and go on in different ways (the inner nodes of the suffix tree), by way of a
/// sorted list of suffixes of which no more is compared than a token may be long.
/// </summary>
internal static class FrequentSubstrings
{
    private const int Boundary = 0;

    /// <summary>Substrings of 2 to <paramref name="longest"/> characters and how often each occurs.</summary>
    internal static List<(string Text, int Count)> Find(IEnumerable<string> words, int longest)
    {
        var text = new List<int>();
        foreach (var word in words)
        {
            text.AddRange(word.EnumerateRunes().Select(r => r.Value));
            text.Add(Boundary);
        }

        var characters = text.ToArray();
        var suffixes = new int[characters.Length];
        for (var i = 0; i < suffixes.Length; i++)
        {
            suffixes[i] = i;
        }

        Array.Sort(suffixes, (a, b) => Suffix(characters, a, longest).SequenceCompareTo(Suffix(characters, b, longest)));
        return Intervals(characters, suffixes, longest);
    }

    private static ReadOnlySpan<int> Suffix(int[] characters, int start, int longest) => characters.AsSpan(start, Math.Min(longest + 1, characters.Length - start));

    /// <summary>Neighbours that share a beginning form an interval; where they share more, one inside it.</summary>
    private static List<(string Text, int Count)> Intervals(int[] characters, int[] suffixes, int longest)
    {
        var found = new List<(string, int)>();
        var open = new Stack<(int Depth, int Start)>();
        for (var i = 1; i <= suffixes.Length; i++)
        {
            var common = i == suffixes.Length ? 0 : Suffix(characters, suffixes[i - 1], longest).CommonPrefixLength(Suffix(characters, suffixes[i], longest));
            var start = i - 1;
            while (open.TryPeek(out var top) && top.Depth > common)
            {
                open.Pop();
                start = top.Start;
                var shared = characters.AsSpan(suffixes[start], top.Depth);
                if (top.Depth >= 2 && top.Depth <= longest && !shared.Contains(Boundary))
                {
                    found.Add((Write(shared), i - start));
                }
            }

            if (common > 0 && (!open.TryPeek(out var outer) || outer.Depth < common))
            {
                open.Push((common, start));
            }
        }

        return found;
    }

    private static string Write(ReadOnlySpan<int> characters)
    {
        var text = new StringBuilder();
        foreach (var c in characters)
        {
            text.Append(new Rune(c).ToString());
        }

        return text.ToString();
    }
}
