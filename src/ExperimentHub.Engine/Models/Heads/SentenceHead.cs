using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Heads;

/// <summary>Whether the second segment follows the first, from the pooler's vector; with <paramref name="words"/> also BERT's masked words.</summary>
internal sealed class SentenceHead(Pooler pooler, Place place, string name, long width, WordHead? words) : EncoderHead
{
    private readonly Linear _relation = new(place.At(name), 2, width);

    public override EncoderOutput Forward(Tensor hidden, PaddedBatch batch, Dropout? dropout)
    {
        var pooled = pooler.Forward(hidden.select(1, 0));
        return new EncoderOutput
        {
            Hidden = hidden,
            Pooled = pooled,
            Logits = words?.Forward(hidden),
            SentenceLogits = _relation.Forward(pooled).to(ScalarType.Float32),
        };
    }
}
