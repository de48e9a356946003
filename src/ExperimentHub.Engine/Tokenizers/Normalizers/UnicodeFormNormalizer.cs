using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>One of Unicode's normal forms, cluster by cluster so that each result knows where it came from.</summary>
internal sealed class UnicodeFormNormalizer(NormalizationForm form) : Normalizer
{
    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        var chars = source.Chars;
        for (var i = 0; i < chars.Length;)
        {
            var end = ClusterEnd(chars, i);
            AppendCluster(source, i, end, target);
            i = end;
        }
    }

    /// <summary>A cluster is a character with all that may combine with it: marks, the later parts of a Hangul syllable, half-width voice marks.</summary>
    private static int ClusterEnd(ReadOnlySpan<char> chars, int start)
    {
        UnicodeClasses.RuneAt(chars, start, out var length);
        var end = start + length;
        while (end < chars.Length && chars[end] >= 0x300)
        {
            var rune = UnicodeClasses.RuneAt(chars, end, out length);
            if (!UnicodeClasses.IsMark(rune) && rune.Value is not ((>= 0x1160 and <= 0x11FF) or 0xFF9E or 0xFF9F))
            {
                break;
            }

            end += length;
        }

        return end;
    }

    private void AppendCluster(NormalizedText source, int start, int end, NormalizedText target)
    {
        var cluster = source.Chars[start..end];
        if ((cluster.Length == 1 && cluster[0] < 0x80) || HoldsNonCharacter(cluster))
        {
            for (var i = start; i < end; i++)
            {
                target.Append(source.Chars[i], source.Start(i), source.End(i));
            }

            return;
        }

        // Fewer characters than before: the first one took in those after it. More: the later ones belong to the last source character.
        var sources = new List<(int Start, int End)>();
        for (var i = start; i < end;)
        {
            sources.Add((source.Start(i), source.End(i)));
            UnicodeClasses.RuneAt(source.Chars, i, out var length);
            i += length;
        }

        var result = cluster.ToString().Normalize(form).EnumerateRunes().ToList();
        var taken = Math.Max(0, sources.Count - result.Count);
        for (var k = 0; k < result.Count; k++)
        {
            var from = sources.Count == 1 || k == 0 ? sources[0] : sources[Math.Min(k + taken, sources.Count - 1)];
            target.Append(result[k], from.Start, from.End);
        }
    }

    private static bool HoldsNonCharacter(ReadOnlySpan<char> cluster)
    {
        foreach (var rune in cluster.EnumerateRunes())
        {
            if (CharacterMaps.IsNonCharacter(rune.Value))
            {
                return true;
            }
        }

        return false;
    }
}
