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
        var decoded = tokenizer.Decode([id], skipSpecialTokens: false);
        var isBytes = token.Length > 0 && token.All(c => ByteAlphabet.Byte(c) >= 0);
        if (decoded.Contains('\uFFFD') && !token.Contains('\uFFFD'))
        {
            return isBytes && !token.StartsWith("<0x", StringComparison.Ordinal) ? string.Join(' ', token.Select(c => ByteAlphabet.Byte(c).ToString("X2", System.Globalization.CultureInfo.InvariantCulture)))
                : token;
        }

        return isBytes && decoded != token && tokenizer.IsByteLevel ? decoded.Replace(' ', '␣').Replace('\n', '⏎') : token;
    }
}
