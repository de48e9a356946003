namespace ExperimentHub.Engine.Generation;

/// <summary>Why a text ended.</summary>
public enum FinishReason
{
    /// <summary>An end token, which is the last of the tokens.</summary>
    EndToken,

    /// <summary>A stop string, which the last token completes.</summary>
    StopString,

    /// <summary>The length asked for, or the longest that the model can read.</summary>
    Length,
}

/// <summary>How likely the model found a token, before penalties, temperature and filters.</summary>
/// <param name="Token">Its id.</param>
/// <param name="LogProbability">Natural logarithm.</param>
/// <param name="Top">The most likely tokens at the same place, best first; as many as were asked for.</param>
public sealed record TokenLogProbability(int Token, float LogProbability, IReadOnlyList<(int Token, float LogProbability)> Top);

/// <summary>One token as it is generated.</summary>
/// <param name="Prompt">Which prompt it continues.</param>
/// <param name="Sequence">Which of the prompt's texts.</param>
/// <param name="Token">Its id.</param>
/// <param name="LogProbability">Null where none was asked for.</param>
public readonly record struct GeneratedToken(int Prompt, int Sequence, int Token, TokenLogProbability? LogProbability);

/// <summary>A finished text.</summary>
public sealed record GeneratedSequence
{
    /// <summary>The output alone, the end token included.</summary>
    public required IReadOnlyList<int> Tokens { get; init; }

    public required FinishReason Reason { get; init; }

    /// <summary>Beam search: sum of log-probabilities / length^penalty.</summary>
    public double? Score { get; init; }

    /// <summary>Of each token; empty where none were asked for.</summary>
    public IReadOnlyList<TokenLogProbability> LogProbabilities { get; init; } = [];
}
