using ExperimentHub.Engine.Models.Layers;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>What all layers of one pass share.</summary>
internal sealed record DecoderPass
{
    /// <summary>Of layers that see everything before a token.</summary>
    public required AttentionMask Mask { get; init; }

    /// <summary>Of layers that see a window.</summary>
    public AttentionMask? Window { get; init; }

    /// <summary>Null in families whose positions are in the embeddings.</summary>
    public RotaryTable? Rotary { get; init; }

    /// <summary>The same of layers that see a window, in families that turn those otherwise.</summary>
    public RotaryTable? WindowRotary { get; init; }

    public PastTokens? Cache { get; init; }

    public Dropout? Dropout { get; init; }

    public ForwardTrace? Trace { get; init; }

    /// <summary>Where layers with experts tell which they chose, if anybody asks; the tensors are then the asker's.</summary>
    public ICollection<Routing>? Routings { get; init; }

    public AttentionMask MaskOf(bool slides) => slides ? Window! : Mask;

    public RotaryTable RotaryOf(bool slides) => slides ? WindowRotary ?? Rotary! : Rotary!;
}
