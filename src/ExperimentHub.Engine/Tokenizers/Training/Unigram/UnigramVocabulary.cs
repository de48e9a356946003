namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>Tokens and their scores (logarithms of probability; 0 for special tokens) in the order of their ids.</summary>
public sealed record UnigramVocabulary(IReadOnlyList<(string Token, double Score)> Tokens, int UnknownId);
