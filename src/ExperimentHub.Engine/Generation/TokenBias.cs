namespace ExperimentHub.Engine.Generation;

/// <summary>Adds to the score of the last token of a sequence wherever the tokens before it have just been written; −∞ forbids it.</summary>
public sealed record TokenBias(IReadOnlyList<int> Tokens, float Bias);
