using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>y = x · Wᵀ + b with W (outputs, inputs).</summary>
internal sealed class Linear
{
    private readonly WeightProduct _product;

    public Linear(Place place, long outputs, long inputs, string setting = "hidden_size", bool bias = true)
        : this(place, inputs, setting, bias, ("", outputs))
    {
    }

    /// <summary>Several projections of one input, their matrices one below the other, as one product; each has its own name and width.</summary>
    public Linear(Place place, long inputs, string setting, bool bias, params IReadOnlyList<(string Name, long Outputs)> projections)
    {
        Weight = place.Add(new Weight(place.Depth, place.Initial, [inputs], setting, [.. projections.Select(p => new WeightPart(place.At(p.Name).NameOf("weight"), p.Outputs))]) { Required = place.Required });
        Bias = bias
            ? place.Add(new Weight(place.Depth, Initialisation.Zero, [], setting, [.. projections.Select(p => new WeightPart(place.At(p.Name).NameOf("bias"), p.Outputs))]) { Required = place.Required })
            : null;
        _product = new(Weight, Bias);
    }

    public Weight Weight { get; }

    public Weight? Bias { get; }

    /// <summary>(…, inputs) to (…, outputs)</summary>
    public Tensor Forward(Tensor x) => _product.Of(x);

    /// <summary>The product of a decoding step; null where the weights do not lie as it reads them.</summary>
    public StepMatrix? ToStep() => StepMatrix.Fits(Weight.Value) ? new(Weight.Value, Bias?.Value) : null;
}
