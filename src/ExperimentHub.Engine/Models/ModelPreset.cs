namespace ExperimentHub.Engine.Models;

/// <summary>A size of BERT encoder (those of Turc et al. 2019, "Well-Read Students Learn Better").</summary>
public sealed record ModelPreset(string Name, int Layers, int HiddenSize, int Heads, int VocabularySize, int MaxLength)
{
    public static IReadOnlyList<ModelPreset> All { get; } =
    [
        new("tiny", 2, 128, 2, 4000, 256),
        new("mini", 4, 256, 4, 8000, 512),
        new("small", 4, 512, 8, 16000, 512),
        new("base", 12, 768, 12, 30522, 512),
    ];

    public int IntermediateSize => 4 * HiddenSize;

    /// <summary>Parameters of the encoder with a vocabulary of this size.</summary>
    public long Parameters(int vocabularySize)
    {
        long hidden = HiddenSize;
        var layer = (4 * hidden * hidden) + (2 * hidden * IntermediateSize) + (9 * hidden) + IntermediateSize;
        return ((vocabularySize + MaxLength + 2) * hidden) + (2 * hidden) + (Layers * layer) + (hidden * hidden) + hidden;
    }
}
