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

    /// <summary>Whether it may be that a piece of this text can be cut by <see cref="FirstPart"/>.</summary>
    internal virtual bool MayCut(ReadOnlySpan<char> text) => false;

    /// <summary>How long the beginning of a piece is that can be looked at by itself: no token reaches from it into the rest.</summary>
    internal virtual int FirstPart(ReadOnlySpan<char> piece) => piece.Length;

    /// <summary>As <see cref="Tokenize"/>, for a part that <see cref="FirstPart"/> cut off a larger piece.</summary>
    internal virtual void TokenizePart(ReadOnlySpan<char> part, PieceTokens tokens) => Tokenize(part, tokens);

    /// <summary>What is joined, in no order; empty where nothing is.</summary>
    internal virtual IEnumerable<TokenMerge> Merges => [];
}
