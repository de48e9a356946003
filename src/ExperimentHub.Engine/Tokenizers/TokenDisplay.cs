using System.Globalization;
using ExperimentHub.Engine.Tokenizers.ByteLevel;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Tokens as people can read them.</summary>
public static class TokenDisplay
{
    /// <summary>
    /// The token as its vocabulary writes it; of a byte-level vocabulary the text that it stands for, with <c>␣</c> for spaces. Bytes that
    /// are only a part of a character are written as such (<c>E4 BD</c>).
    /// </summary>
    public static string Of(Tokenizer tokenizer, int id)
    {
        var token = tokenizer.IdToToken(id) ?? "";
        if (!tokenizer.IsByteLevel || !token.All(c => ByteAlphabet.Byte(c) >= 0))
        {
            return token;
        }

        return IsPartOfACharacter(tokenizer, id)
            ? string.Join(' ', token.Select(c => ByteAlphabet.Byte(c).ToString("X2", CultureInfo.InvariantCulture)))
            : tokenizer.Decode([id], skipSpecialTokens: false).Replace(' ', '␣').Replace('\n', '⏎');
    }

    /// <summary>True for bytes that are no character by themselves, of a byte-level vocabulary or as <c>&lt;0xE4&gt;</c>.</summary>
    public static bool IsPartOfACharacter(Tokenizer tokenizer, int id) =>
        tokenizer.IdToToken(id) is { } token && !token.Contains('\uFFFD') && tokenizer.Decode([id], skipSpecialTokens: false).Contains('\uFFFD');
}
