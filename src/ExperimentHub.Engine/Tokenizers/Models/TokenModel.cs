namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>Turns one piece of text (a word) into tokens of the vocabulary.</summary>
internal abstract class TokenModel
{
    /// <summary>The name by which tokenizer.json calls it, in lower case.</summary>
    internal abstract string Kind { get; }

    /// <summary>Adds the tokens of <c>text[start..end]</c>, each with its place in the original.</summary>
    internal abstract void Tokenize(NormalizedText text, int start, int end, int word, TokenBuffer tokens);
}
