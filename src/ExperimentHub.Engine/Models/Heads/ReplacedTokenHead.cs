using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Heads;

/// <summary>ELECTRA's discriminator (Clark et al. 2020): one score for each token of having been replaced.</summary>
internal sealed class ReplacedTokenHead(Place place, long width, string activation) : EncoderHead
{
    private readonly Linear _dense = new(place.At("dense"), width, width);
    private readonly Func<Tensor, Tensor> _activation = Activation.Of(activation);
    private readonly Linear _prediction = new(place.At("dense_prediction"), 1, width);

    public override EncoderOutput Forward(Tensor hidden, PaddedBatch batch, Dropout? dropout) =>
        new() { Hidden = hidden, Logits = _prediction.Forward(_activation(_dense.Forward(hidden))).squeeze(-1).to(ScalarType.Float32) };
}
