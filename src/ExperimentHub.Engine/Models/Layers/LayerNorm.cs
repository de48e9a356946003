using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>Layer normalisation (Ba et al. 2016) over the last dimension; some models have no shift.</summary>
internal sealed class LayerNorm
{
    private readonly long _width;
    private readonly double _epsilon;

    public LayerNorm(Place place, long width, double epsilon, bool bias = true, string setting = "hidden_size")
    {
        (_width, _epsilon) = (width, epsilon);
        Weight = Add("weight", Initialisation.One);
        Bias = bias ? Add("bias", Initialisation.Zero) : null;

        Weight Add(string name, Initialisation initial) =>
            place.Add(new Weight(place.Depth, initial, [], setting, new WeightPart(place.NameOf(name), width)) { Required = place.Required, IsLayerNorm = true });
    }

    public Weight Weight { get; }

    public Weight? Bias { get; }

    public Tensor Forward(Tensor x) => functional.layer_norm(x, [_width], Weight.Value, Bias?.Value, _epsilon);
}
