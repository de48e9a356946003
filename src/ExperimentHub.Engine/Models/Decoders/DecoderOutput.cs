using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>What a decoder and its head make of a batch.</summary>
/// <param name="Hidden">(B, T, C) after the final normalisation.</param>
/// <param name="Logits">In 32 bits: scores of each word after each token (B, T, V), or of classes (B, classes); null without a head.</param>
internal sealed record DecoderOutput(Tensor Hidden, Tensor? Logits)
{
    public DecoderOutput MoveToOuterDisposeScope()
    {
        Hidden.MoveToOuterDisposeScope();
        Logits?.MoveToOuterDisposeScope();
        return this;
    }
}
