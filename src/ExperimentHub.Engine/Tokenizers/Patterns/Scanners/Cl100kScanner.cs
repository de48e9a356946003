namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>The pattern of cl100k, Llama 3 (up to three digits together) and Qwen 2 (each digit by itself).</summary>
internal sealed class Cl100kScanner(int mostDigits) : Scanner
{
    internal const string ThreeDigits =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    internal const string OneDigit =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const CharacterClass NotOther = CharacterClass.Letter | CharacterClass.Number | CharacterClass.Space;

    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        var c = text[at];
        if (c == '\'' && Contraction(text, at, anyCase: true) is var contraction && contraction > at)
        {
            return contraction;
        }

        var kind = CharacterClasses.At(text, at, out var length);
        if ((kind & CharacterClass.Letter) != 0)
        {
            return Run(text, at, CharacterClass.Letter);
        }

        if ((kind & CharacterClass.Number) != 0)
        {
            return Digits(text, at, mostDigits);
        }

        if (c is not ('\r' or '\n') && Is(text, at + length, CharacterClass.Letter))
        {
            return Run(text, at + length, CharacterClass.Letter);
        }

        var other = c == ' ' ? at + 1 : at;
        var end = RunOutside(text, other, NotOther);
        return end > other ? LineEnds(text, end) : SpacesOrLines(text, at);
    }
}
