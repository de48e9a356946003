using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>One layer of a decoder: hidden states (B, T, C) to hidden states.</summary>
internal abstract class DecoderLayer
{
    public abstract Tensor Forward(Tensor x, DecoderPass pass);

    /// <summary>The same for one token a row over plain memory; null where the layer, or its weights as they are, have no such form.</summary>
    public virtual StepLayer? ToStep() => null;
}
