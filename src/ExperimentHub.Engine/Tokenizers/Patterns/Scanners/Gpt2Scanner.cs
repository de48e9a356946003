namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>GPT-2's pattern, that of the ByteLevel pre-tokeniser.</summary>
internal sealed class Gpt2Scanner : Scanner
{
    internal const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        var start = at;
        if (text[at] == '\'' && Contraction(text, at, anyCase: false) is var end && end > at)
        {
            return end;
        }

        if (text[at] == ' ' && at + 1 < text.Length && !Is(text, at + 1, CharacterClass.Space))
        {
            at++;
        }

        var kind = CharacterClasses.At(text, at, out _);
        return (kind & CharacterClass.Letter) != 0 ? Run(text, at, CharacterClass.Letter)
            : (kind & CharacterClass.Number) != 0 ? Run(text, at, CharacterClass.Number)
            : (kind & CharacterClass.Space) == 0 ? RunOutside(text, at, CharacterClass.Letter | CharacterClass.Number | CharacterClass.Space)
            : Spaces(text, start);
    }
}
