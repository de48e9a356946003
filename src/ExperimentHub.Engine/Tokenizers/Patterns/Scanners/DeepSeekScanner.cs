namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>The last of DeepSeek-V3's three patterns: words with their marks, a punctuation mark with Latin letters, punctuation, white space.</summary>
internal sealed class DeepSeekScanner : Scanner
{
    internal const string Pattern =
        """[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""";

    /// <summary>The same as it stands in the published file.</summary>
    internal const string EscapedPattern =
        """[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""";

    private const CharacterClass Word = CharacterClass.Letter | CharacterClass.Mark;
    private const CharacterClass Marks = CharacterClass.Punctuation | CharacterClass.Symbol;

    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        var c = text[at];
        var kind = CharacterClasses.At(text, at, out var length);
        if (c < 0x80 && (kind & Marks) != 0 && at + 1 < text.Length && char.IsAsciiLetter(text[at + 1]))
        {
            var latin = at + 1;
            while (latin < text.Length && char.IsAsciiLetter(text[latin]))
            {
                latin++;
            }

            return latin;
        }

        if ((kind & Word) != 0)
        {
            return Run(text, at, Word);
        }

        if (c is not ('\r' or '\n') && (kind & Marks) == 0 && Is(text, at + length, Word))
        {
            return Run(text, at + length, Word);
        }

        var marks = c == ' ' ? at + 1 : at;
        var end = Run(text, marks, Marks);
        return end > marks ? LineEnds(text, end) : (kind & CharacterClass.Space) != 0 ? SpacesOrLines(text, at) : at;
    }
}
