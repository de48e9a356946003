namespace ExperimentHub.Engine.Generation;

/// <summary>
/// One batch of texts that a model is writing: token ids in, scores of what follows out, with all that the model remembers of the tokens
/// before. A decoder and an encoder-decoder are such; so is anything that a test makes up. One thread at a time.
/// </summary>
/// <remarks>R rows, V vocabulary. The scores belong to the caller, who may change them, until the next call.</remarks>
internal interface IDecoding : IDisposable
{
    int VocabularySize { get; }

    /// <summary>The longest text that the model has positions for, prompt included.</summary>
    int MaxLength { get; }

    /// <summary>Reads the prompts, none of them empty; the first call.</summary>
    /// <returns>(R, V): scores of what follows the last token of each.</returns>
    Span<float> Begin(IReadOnlyList<int[]> prompts);

    /// <summary>Reads the same number of further tokens of each row.</summary>
    /// <param name="tokens">Row by row.</param>
    /// <returns>(R, tokens of a row, V): scores of what follows each of them.</returns>
    Span<float> Next(scoped ReadOnlySpan<int> tokens);

    /// <summary>Goes on with these rows in this order; a row may be named several times, or not at all.</summary>
    void Select(ReadOnlySpan<int> rows);

    /// <summary>Forgets so many tokens at the end of each row.</summary>
    void Rewind(int tokens);
}
