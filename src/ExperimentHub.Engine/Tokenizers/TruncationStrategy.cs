namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Which text loses tokens when both together are too long.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer one, until both are equally long, then both in turn.</summary>
    LongestFirst,

    OnlyFirst,

    OnlySecond,
}
