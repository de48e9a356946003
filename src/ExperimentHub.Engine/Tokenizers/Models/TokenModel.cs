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
}
