using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>
/// x / √(mean x² + ε) · w over the last dimension (Zhang and Sennrich 2019). The mean is taken in 32 bits, and the result is back in the
/// precision of <c>x</c> before the weight multiplies it, as Llama and T5 do it.
/// </summary>
internal sealed class RmsNorm(Place place, long width, double epsilon, string setting = "hidden_size")
{
    public Weight Weight { get; } = place.Add("weight", [width], setting, Initialisation.One);

    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (Weight.Value * Normalise(x)).MoveToOuterDisposeScope();
    }

    private Tensor Normalise(Tensor x)
    {
        var wide = x.to(ScalarType.Float32);
        return (wide * (wide.square().mean([-1], keepdim: true) + epsilon).rsqrt()).to(x.dtype);
    }
}
