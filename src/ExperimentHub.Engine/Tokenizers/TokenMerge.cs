namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Two tokens that a BPE vocabulary joins into one, by their ids; a lower rank is joined earlier, as it was learned earlier.</summary>
public readonly record struct TokenMerge(int Rank, int Left, int Right, int Result);
