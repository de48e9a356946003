namespace ExperimentHub.Engine.Tokenizers;

/// <summary>A token that is looked for in the text before anything else, such as <c>[MASK]</c>.</summary>
internal sealed record AddedToken(string Content, int Id)
{
    /// <summary>Left out of decoded text.</summary>
    internal bool Special { get; init; }

    /// <summary>Only where no word character stands beside it.</summary>
    internal bool SingleWord { get; init; }

    /// <summary>Takes the white space before it along.</summary>
    internal bool LeftStrip { get; init; }

    /// <summary>Takes the white space after it along.</summary>
    internal bool RightStrip { get; init; }

    /// <summary>Looked for in the normalised text (and itself normalised) rather than in the original.</summary>
    internal bool Normalized { get; init; }
}
