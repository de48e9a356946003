using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>One of Unicode's normal forms, cluster by cluster so that each result knows where it came from; what stays as it is goes in runs.</summary>
internal sealed class UnicodeFormNormalizer(NormalizationForm form) : Normalizer
{
    private const byte NotKnown = 0;

    /// <summary>The form leaves the character as it is, and it joins with nothing before it.</summary>
    private const byte Stable = 1;

    private const byte Changes = 2;

    /// <summary>It may join with what is before it.</summary>
    private const byte Extends = 3;

    private static readonly Dictionary<NormalizationForm, byte[]> s_kinds = new()
    {
        [NormalizationForm.FormC] = new byte[0x10000],
        [NormalizationForm.FormD] = new byte[0x10000],
        [NormalizationForm.FormKC] = new byte[0x10000],
        [NormalizationForm.FormKD] = new byte[0x10000],
    };

    /// <summary>Characters of the basic plane as they are met; entries are written once or equal, so no lock.</summary>
    private readonly byte[] _kinds = s_kinds[form];

    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        var chars = source.Chars;
        for (var i = 0; i < chars.Length;)
        {
            var end = i;
            while (end < chars.Length && KindOf(chars[end]) == Stable)
            {
                end++;
            }

            if (end > i && end < chars.Length && MayExtend(chars, end))
            {
                end--;   // the last one may join with what follows
            }

            target.AppendRange(source, i, end);
            i = end;
            if (i < chars.Length)
            {
                end = ClusterEnd(chars, i);
                AppendCluster(source, i, end, target);
                i = end;
            }
        }
    }

    private bool MayExtend(ReadOnlySpan<char> chars, int index) => char.IsSurrogate(chars[index]) ? Extending(UnicodeClasses.RuneAt(chars, index, out _)) : KindOf(chars[index]) == Extends;

    private byte KindOf(char c)
    {
        if (_kinds[c] == NotKnown)
        {
            _kinds[c] = char.IsSurrogate(c) ? Changes
                : Extending(new Rune(c)) ? Extends
                : CharacterMaps.IsNewer(c) || CharacterMaps.IsNonCharacter(c) || c.ToString().Normalize(form) == c.ToString() ? Stable : Changes;
        }

        return _kinds[c];
    }

    /// <summary>A cluster is a character with all that may combine with it: marks, the later parts of a Hangul syllable, half-width voice marks.</summary>
    private static int ClusterEnd(ReadOnlySpan<char> chars, int start)
    {
        UnicodeClasses.RuneAt(chars, start, out var length);
        var end = start + length;
        while (end < chars.Length && chars[end] >= 0x300 && Extending(UnicodeClasses.RuneAt(chars, end, out length)))
        {
            end += length;
        }

        return end;
    }

    /// <summary>Compatibility forms of the later parts of Hangul count too, since they become these.</summary>
    private static bool Extending(Rune rune) =>
        UnicodeClasses.IsMark(rune) || rune.Value is (>= 0x1160 and <= 0x11FF) or 0xFF9E or 0xFF9F or (>= 0x3131 and <= 0x318E) or (>= 0xFFA0 and <= 0xFFDC);

    private void AppendCluster(NormalizedText source, int start, int end, NormalizedText target)
    {
        var cluster = source.Chars[start..end];
        if (IsLeft(cluster))
        {
            target.AppendRange(source, start, end);
            return;
        }

        var characters = CanonicalOrder.Decompose(cluster, form is NormalizationForm.FormC or NormalizationForm.FormD ? NormalizationForm.FormD : NormalizationForm.FormKD);
        if (form is NormalizationForm.FormC or NormalizationForm.FormKC)
        {
            characters = CanonicalOrder.Compose(characters);
        }

        var writer = new TransformWriter(source, target, start);
        foreach (var (rune, change) in characters)
        {
            writer.Add(rune, change);
        }

        writer.Flush();
    }

    /// <summary>Non-characters are refused by .NET, and some characters are newer than the library's tables: such clusters stay.</summary>
    private static bool IsLeft(ReadOnlySpan<char> cluster)
    {
        foreach (var rune in cluster.EnumerateRunes())
        {
            if (CharacterMaps.IsNonCharacter(rune.Value) || CharacterMaps.IsNewer(rune.Value))
            {
                return true;
            }
        }

        return false;
    }
}
