using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Heads;

/// <summary>
/// Dropout and a linear layer over every token: scores of classes (B, T, classes), or of being the answer's beginning and end (B, T, 2).
/// </summary>
internal sealed class TokenHead(Place place, string name, string setting, long width, int classes, double dropoutProbability) : EncoderHead
{
    private readonly Linear _classifier = new(place.At(name), classes, width, setting);

    public override EncoderOutput Forward(Tensor hidden, PaddedBatch batch, Dropout? dropout)
    {
        var dropped = dropoutProbability > 0 ? dropout?.Apply(hidden, dropoutProbability) ?? hidden : hidden;
        return new EncoderOutput { Hidden = hidden, Logits = _classifier.Forward(dropped).to(ScalarType.Float32) };
    }
}
