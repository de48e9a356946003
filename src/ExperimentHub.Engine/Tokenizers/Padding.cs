namespace ExperimentHub.Engine.Tokenizers;

/// <summary>How rows are made equally long with the padding token (token type 0, attention 0).</summary>
public sealed record Padding
{
    /// <summary>Length in tokens; 0: that of the longest row. Rows that are longer stay as they are.</summary>
    public int Length { get; init; }

    /// <summary>The length is rounded up to a multiple of this; 0 and 1 round nothing.</summary>
    public int MultipleOf { get; init; }

    /// <summary>Put padding before the tokens instead of after them.</summary>
    public bool Left { get; init; }
}
