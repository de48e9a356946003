using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>Mappings of single characters that several normalisers share.</summary>
internal static class CharacterMaps
{
    /// <summary>Decompositions of the basic plane as they are met; "" says that there is none. Entries are written once or equal, so no lock.</summary>
    private static readonly string?[] s_decompositions = new string?[0x10000];

    /// <summary>The canonical decomposition (NFD) of one character, null if it is itself.</summary>
    internal static string? Decompose(Rune rune)
    {
        if (!rune.IsBmp)
        {
            var text = rune.ToString();
            var decomposed = text.Normalize(NormalizationForm.FormD);
            return decomposed == text ? null : decomposed;
        }

        var known = s_decompositions[rune.Value];
        if (known is null)
        {
            var text = rune.ToString();
            var decomposed = IsNonCharacter(rune.Value) ? text : text.Normalize(NormalizationForm.FormD);
            known = decomposed == text ? "" : decomposed;
            s_decompositions[rune.Value] = known;
        }

        return known.Length == 0 ? null : known;
    }

    /// <summary>Lower case of one character, without context or locale; capital I with a dot gives two characters.</summary>
    internal static void AppendLower(Rune rune, int start, int end, NormalizedText target)
    {
        if (rune.Value == 0x130)
        {
            target.Append('i', start, end);
            target.Append('\u0307', start, end);
            return;
        }

        target.Append(Lower(rune), start, end);
    }

    /// <summary>The library's Unicode is newer than .NET's by these letters.</summary>
    private static Rune Lower(Rune rune) => rune.Value switch
    {
        0x1C89 or 0xA7CC or 0xA7CE or 0xA7D2 or 0xA7D4 or 0xA7DA => new(rune.Value + 1),
        0xA7CB => new(0x264),
        0xA7DC => new(0x19B),
        >= 0x10D50 and <= 0x10D65 => new(rune.Value + 0x20),
        >= 0x16EA0 and <= 0x16EB8 => new(rune.Value + 0x1B),
        _ => Rune.ToLowerInvariant(rune),
    };

    /// <summary>Code points that never are characters: <see cref="string.Normalize()"/> may refuse them.</summary>
    internal static bool IsNonCharacter(int codePoint) => (codePoint & 0xFFFE) == 0xFFFE || codePoint is >= 0xFDD0 and <= 0xFDEF;
}
