namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>The pattern of o200k: capitals begin a new word, and a contraction stays with its word.</summary>
internal sealed class O200kScanner : Scanner
{
    internal const string Pattern =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?" +
        @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?" +
        @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const CharacterClass NotOther = CharacterClass.Letter | CharacterClass.Number | CharacterClass.Space;

    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        var kind = CharacterClasses.At(text, at, out var length);
        var prefix = text[at] is not ('\r' or '\n') && (kind & (CharacterClass.Letter | CharacterClass.Number)) == 0 ? at + length : at;
        if (Word(text, at, prefix) is var word && word > at)
        {
            return Contraction(text, word, anyCase: true);
        }

        if ((kind & CharacterClass.Number) != 0)
        {
            return Digits(text, at, 3);
        }

        var other = text[at] == ' ' ? at + 1 : at;
        var end = RunOutside(text, other, NotOther);
        if (end == other)
        {
            return SpacesOrLines(text, at);
        }

        while (end < text.Length && text[end] is '\r' or '\n' or '/')
        {
            end++;
        }

        return end;
    }

    /// <summary>Both forms, each with the character before the word and then without.</summary>
    private static int Word(ReadOnlySpan<char> text, int at, int prefix)
    {
        if (Lower(text, prefix) is var withPrefix && withPrefix > prefix)
        {
            return withPrefix;
        }

        if (Lower(text, at) is var lower && lower > at)
        {
            return lower;
        }

        return Capitals(text, prefix) is var capitals && capitals > prefix ? capitals : Capitals(text, at);
    }

    /// <summary>The first of the two forms of a word: it ends with what is no capital.</summary>
    private static int Lower(ReadOnlySpan<char> text, int at)
    {
        var start = at;
        var last = at;
        while (at < text.Length && (CharacterClasses.At(text, at, out var length) & CharacterClass.NotLower) is not 0)
        {
            at += length;
            if ((CharacterClasses.At(text, at - length, out _) & CharacterClass.NotUpper) != 0)
            {
                last = at;   // what may give itself back to the second half
            }
        }

        var end = Run(text, at, CharacterClass.NotUpper);
        return end > at ? end : last > start ? last : start;
    }

    private static int Capitals(ReadOnlySpan<char> text, int at)
    {
        var end = Run(text, at, CharacterClass.NotLower);
        return end > at ? Run(text, end, CharacterClass.NotUpper) : at;
    }
}
