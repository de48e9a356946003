using TorchSharp;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>x · Wᵀ + b by the operator that is fastest where it is computed.</summary>
internal static class WeightProduct
{
    /// <summary>(…, inputs) and (outputs, inputs) to (…, outputs).</summary>
    public static Tensor Of(Tensor x, Tensor weight, Tensor? bias = null)
    {
        // Without instructions for bfloat16 torch multiplies it number by number. A copy of the weights in 32 bits costs far less, but it
        // must not be kept for a gradient.
        if (x.dtype != ScalarType.BFloat16 || BFloat16.MayHaveInstructions || x.device_type != DeviceType.CPU || is_grad_enabled())
        {
            return nn.functional.linear(x, weight, bias);
        }

        using var scope = NewDisposeScope();
        return nn.functional.linear(x.to(ScalarType.Float32), weight.to(ScalarType.Float32), bias?.to(ScalarType.Float32)).to(ScalarType.BFloat16).MoveToOuterDisposeScope();
    }
}
