using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Heads;

/// <summary>What reads an encoder's hidden states (B, T, C).</summary>
internal abstract class EncoderHead
{
    /// <summary>The hidden states and what the head makes of them; nothing is left in the caller's scope besides.</summary>
    public abstract EncoderOutput Forward(Tensor hidden, PaddedBatch batch, Dropout? dropout);
}
