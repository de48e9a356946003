namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>Turns one piece of text (a word) into tokens of the vocabulary. Safe to use from several threads.</summary>
internal abstract class TokenModel
{
    /// <summary>The name by which tokenizer.json calls it, in lower case.</summary>
    internal abstract string Kind { get; }

    /// <summary>Adds the tokens of <paramref name="piece"/>, which is never empty.</summary>
    internal abstract void Tokenize(ReadOnlySpan<char> piece, PieceTokens tokens);

    /// <summary>True if the token of this id, once found, stands for whatever text it covers rather than for its own.</summary>
    internal virtual bool IsSurface(int id) => false;

    /// <summary>
    /// A character that begins a new stretch wherever it follows another one: no token holds it inside, so a piece may be cut there and
    /// its parts looked at one by one. Null if there is none.
    /// </summary>
    internal virtual char? Boundary => null;

    /// <summary>What is joined, in no order; empty where nothing is.</summary>
    internal virtual IEnumerable<TokenMerge> Merges => [];
}
