namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>What a <see cref="BytePairTrainer"/> is to learn.</summary>
public sealed record BytePairTraining
{
    /// <summary>Tokens wanted, special ones and the alphabet included; fewer come out of little text.</summary>
    public required int Size { get; init; }

    /// <summary>Special tokens, which take the first ids.</summary>
    public IReadOnlyList<string> Special { get; init; } = [];

    /// <summary>A pair that occurs less often is not joined.</summary>
    public int LeastCount { get; init; }

    /// <summary>Joined tokens have fewer characters than this (bytes, if <see cref="ByteLevel"/>).</summary>
    public int LongestToken { get; init; } = int.MaxValue;

    /// <summary>Words are bytes, all 256 of which are tokens; else they are characters, with <c>▁</c> for spaces.</summary>
    public bool ByteLevel { get; init; } = true;

    /// <summary>The regular expression that cuts text into words, byte-level only; null for GPT-2's.</summary>
    public string? Pattern { get; init; }
}
