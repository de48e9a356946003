using System.Globalization;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// The classes of every character by table. Oniguruma, which the tokenizers library uses, knows the same version of Unicode as .NET 10
/// (compared code point by code point in shared/parity/tokenizers/components/unicode.json).
/// </summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] s_basic = BasicPlane();

    /// <summary>Classes of the character at <paramref name="index"/>, and how many UTF-16 units it has.</summary>
    internal static CharacterClass At(ReadOnlySpan<char> text, int index, out int length)
    {
        var c = text[index];
        length = 1;
        return char.IsSurrogate(c) ? Astral(text, index, out length) : s_basic[c];
    }

    /// <summary>Classes of a character of the basic plane; none for half a surrogate pair.</summary>
    internal static CharacterClass Of(char c) => s_basic[c];

    private static CharacterClass Astral(ReadOnlySpan<char> text, int index, out int length)
    {
        Rune.DecodeFromUtf16(text[index..], out var rune, out length);
        return Of(Rune.GetUnicodeCategory(rune), space: false);
    }

    private static CharacterClass[] BasicPlane()
    {
        var classes = new CharacterClass[0x10000];
        for (var c = 0; c < classes.Length; c++)
        {
            classes[c] = Of(CharUnicodeInfo.GetUnicodeCategory((char)c), char.IsWhiteSpace((char)c));
        }

        return classes;
    }

    private static CharacterClass Of(UnicodeCategory category, bool space) => (space ? CharacterClass.Space : CharacterClass.None) | category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterClass.Letter | CharacterClass.NotLower,
        UnicodeCategory.LowercaseLetter => CharacterClass.Letter | CharacterClass.NotUpper,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterClass.Letter | CharacterClass.NotLower | CharacterClass.NotUpper,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark =>
            CharacterClass.Mark | CharacterClass.NotLower | CharacterClass.NotUpper,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation => CharacterClass.Punctuation,
        >= UnicodeCategory.MathSymbol and <= UnicodeCategory.OtherSymbol => CharacterClass.Symbol,
        _ => CharacterClass.None,
    };
}
