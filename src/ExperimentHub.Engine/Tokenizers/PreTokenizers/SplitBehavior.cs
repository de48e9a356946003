namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>What becomes of the matches (delimiters) at which a text is split.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}
