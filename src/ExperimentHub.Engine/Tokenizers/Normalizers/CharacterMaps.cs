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

    /// <summary>Characters with a decomposition that the library's older tables (before Unicode 13) do not have; they stay as they are there.</summary>
    internal static bool IsNewer(int codePoint) => codePoint switch
    {
        < 0x32FF => false,
        0x32FF or (>= 0xA7F1 and <= 0xA7F4) or 0xAB69 => true,
        < 0x105C9 => false,
        0x105C9 or 0x105E4 or (>= 0x10781 and <= 0x107BA) or 0x11383 or 0x11385 or 0x1138E or 0x11391 or 0x113C5 or 0x113C7 or 0x113C8 or 0x11938 => true,
        (>= 0x16121 and <= 0x16128) or (>= 0x16D68 and <= 0x16D6A) or (>= 0x1CCD6 and <= 0x1CCF9) or (>= 0x1E030 and <= 0x1E06D) or 0x1F16C or (>= 0x1FBF0 and <= 0x1FBF9) => true,
        _ => false,
    };

    /// <summary>Code points that never are characters: <see cref="string.Normalize()"/> may refuse them.</summary>
    internal static bool IsNonCharacter(int codePoint) => (codePoint & 0xFFFE) == 0xFFFE || codePoint is >= 0xFDD0 and <= 0xFDEF;
}
