namespace ExperimentHub.Engine.Tokenizers;

/// <summary>How many characters of white space a token begins and ends with (a space of byte-level BPE, <c>Ġ</c>, counts).</summary>
internal readonly record struct EdgeSpaces(int Leading, int Trailing)
{
    private const char ByteSpace = '\u0120';

    internal static EdgeSpaces Of(ReadOnlySpan<char> token)
    {
        var leading = 0;
        while (leading < token.Length && IsSpace(token[leading]))
        {
            leading++;
        }

        var trailing = 0;
        while (trailing < token.Length && IsSpace(token[token.Length - 1 - trailing]))
        {
            trailing++;
        }

        return new(leading, trailing);
    }

    private static bool IsSpace(char c) => c == ByteSpace || char.IsWhiteSpace(c);
}
