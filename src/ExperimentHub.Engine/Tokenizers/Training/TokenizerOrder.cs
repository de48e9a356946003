namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>Settings of the job <c>train_tokenizer</c>, beside the header of its run.json. Its result is the <see cref="TokenizerInfo"/>.</summary>
public sealed record TokenizerOrder
{
    public required string Name { get; init; }

    /// <summary>Data set, by content hash, whose training texts are learned from.</summary>
    public required string Dataset { get; init; }

    /// <summary>One of <see cref="TokenizerTraining.Kinds"/>.</summary>
    public required string Kind { get; init; }

    public required int VocabularySize { get; init; }

    /// <summary>WordPiece only: lower-cased, accents stripped.</summary>
    public bool Lowercase { get; init; }

    /// <summary>The same as settings of the training.</summary>
    internal TokenizerTraining ToTraining() => new() { Kind = Kind, VocabularySize = VocabularySize, Lowercase = Lowercase };
}
