using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters.Unmerged;

/// <summary>IA3's vector for a module (Liu et al. 2022), which scales its outputs, bias included, or its inputs.</summary>
internal sealed class ScaledPart(long first, long outputs, Weight scale, bool ofInputs) : AdaptedPart(first, outputs)
{
    public bool OfInputs { get; } = ofInputs;

    /// <summary>(outputs) or (inputs)</summary>
    public Tensor Scale => scale.Value.flatten();
}

/// <summary>A product with IA3 beside it.</summary>
internal sealed class ScaledProduct(IReadOnlyList<ScaledPart> parts) : ProductAdapter
{
    public override Tensor Of(WeightProduct product, Tensor x)
    {
        if (parts.All(p => !p.OfInputs))
        {
            var scales = AdaptedPart.Join(parts, product.Outputs, p => p.Scale, (_, count) => ones([count], device: x.device));
            return (product.Plain(x) * scales).to(x.dtype);
        }

        // A module whose input is scaled reads other numbers than its neighbours in the same matrix.
        return AdaptedPart.Join(parts, product.Outputs, One, (first, count) => product.Plain(x, first, count, withBias: true), dimension: 1);

        Tensor One(ScaledPart part) => part.OfInputs
            ? product.Plain((x * part.Scale).to(x.dtype), part.First, part.Outputs, withBias: true)
            : (product.Plain(x, part.First, part.Outputs, withBias: true) * part.Scale).to(x.dtype);
    }
}
