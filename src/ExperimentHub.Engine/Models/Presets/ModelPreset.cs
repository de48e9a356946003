namespace ExperimentHub.Engine.Models.Presets;

/// <summary>A size of a family: <c>tiny</c>, <c>mini</c>, <c>small</c> or <c>base</c>.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Layers">Layers; of an encoder-decoder, those of each half.</param>
/// <param name="HiddenSize">Width.</param>
/// <param name="Heads">Heads of queries.</param>
/// <param name="IntermediateSize">Width of the feed-forward layer.</param>
/// <param name="VocabularySize">Tokens of a vocabulary that is learned for it, unless another number is asked for.</param>
/// <param name="MaxLength">Longest input in tokens.</param>
public sealed record ModelPreset(string Name, int Layers, int HiddenSize, int Heads, int IntermediateSize, int VocabularySize, int MaxLength)
{
    /// <summary>Width of the word vectors, where a family has them narrower.</summary>
    public int EmbeddingSize { get; init; }
}
