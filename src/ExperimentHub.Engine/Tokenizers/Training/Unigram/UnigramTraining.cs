namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>What a <see cref="UnigramTrainer"/> is to learn.</summary>
public sealed record UnigramTraining
{
    /// <summary>Tokens wanted, special ones included; fewer come out of little text.</summary>
    public required int Size { get; init; }

    /// <summary>Special tokens, which take the first ids.</summary>
    public IReadOnlyList<string> Special { get; init; } = ["<unk>"];

    /// <summary>The special token for what is not known; put first if <see cref="Special"/> does not hold it.</summary>
    public string Unknown { get; init; } = "<unk>";

    /// <summary>Characters of the longest token.</summary>
    public int LongestToken { get; init; } = 16;

    /// <summary>The share of tokens that each round keeps.</summary>
    public double ShrinkingFactor { get; init; } = 0.75;

    /// <summary>Steps of expectation and maximisation between two rounds of pruning.</summary>
    public int SubIterations { get; init; } = 2;

    /// <summary>Frequent substrings to begin with, at most.</summary>
    public int SeedSize { get; init; } = 1_000_000;
}
