namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>What is known of a tokenizer that was trained here.</summary>
public sealed record TokenizerInfo
{
    /// <summary>The content hash under which the store holds its folder.</summary>
    public string Hash { get; init; } = "";

    /// <summary>One of <see cref="TokenizerTraining.Kinds"/>.</summary>
    public required string Kind { get; init; }

    public bool Lowercase { get; init; }

    /// <summary>Tokens that came out, special ones included; little text gives fewer than were asked for.</summary>
    public int VocabularySize { get; init; }

    public required int AskedVocabularySize { get; init; }

    /// <summary>Texts it was learned from, and their UTF-16 units.</summary>
    public required long Texts { get; init; }

    public required long Characters { get; init; }
}
