using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Heads;

/// <summary>No head: the hidden states themselves, and the pooler's vector where the body has one.</summary>
internal sealed class BareHead(Pooler? pooler) : EncoderHead
{
    public override EncoderOutput Forward(Tensor hidden, PaddedBatch batch, Dropout? dropout) =>
        new() { Hidden = hidden, Pooled = pooler?.Forward(hidden.select(1, 0)) };
}
