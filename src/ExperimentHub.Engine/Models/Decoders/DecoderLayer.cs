using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>One layer of a decoder: hidden states (B, T, C) to hidden states.</summary>
internal abstract class DecoderLayer
{
    public abstract Tensor Forward(Tensor x, DecoderPass pass);
}
