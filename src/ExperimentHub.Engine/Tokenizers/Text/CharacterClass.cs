namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Classes of regular expressions that a character is in.</summary>
[Flags]
internal enum CharacterClass : ushort
{
    None = 0,

    /// <summary><c>\p{L}</c></summary>
    Letter = 1,

    /// <summary><c>\p{N}</c></summary>
    Number = 2,

    /// <summary><c>\s</c></summary>
    Space = 4,

    /// <summary><c>\p{M}</c></summary>
    Mark = 8,

    /// <summary><c>\p{P}</c></summary>
    Punctuation = 16,

    /// <summary><c>\p{S}</c></summary>
    Symbol = 32,

    /// <summary><c>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</c>: all that may begin a capitalised word.</summary>
    NotLower = 64,

    /// <summary><c>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</c></summary>
    NotUpper = 128,
}
