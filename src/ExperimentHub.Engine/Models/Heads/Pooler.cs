using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Heads;

/// <summary>tanh of a dense layer over the first token's state, as BERT learned it by telling whether a sentence follows.</summary>
internal sealed class Pooler(Place place, long width)
{
    private readonly Linear _dense = new(place, width, width);

    /// <summary>(B, C) to (B, C)</summary>
    public Tensor Forward(Tensor firstTokens)
    {
        using var scope = NewDisposeScope();
        return _dense.Forward(firstTokens).tanh().MoveToOuterDisposeScope();
    }
}
