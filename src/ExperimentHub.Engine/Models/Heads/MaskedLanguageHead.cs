using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Heads;

/// <summary>Scores of words at every token.</summary>
internal sealed class MaskedLanguageHead(WordHead words) : EncoderHead
{
    public override EncoderOutput Forward(Tensor hidden, PaddedBatch batch, Dropout? dropout) => new() { Hidden = hidden, Logits = words.Forward(hidden) };
}
