using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>Activations by the names that config.json gives them.</summary>
internal static class Activation
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> s_known = new(StringComparer.Ordinal)
    {
        ["gelu"] = x => functional.gelu(x),
        ["gelu_new"] = GeluByTanh,
        ["gelu_pytorch_tanh"] = GeluByTanh,
        ["relu"] = x => functional.relu(x),
        ["silu"] = x => functional.silu(x),
        ["swish"] = x => functional.silu(x),
        ["quick_gelu"] = QuickGelu,
        ["tanh"] = x => x.tanh(),
    };

    public static IReadOnlyCollection<string> Names => s_known.Keys;

    /// <summary>An activation whose name a configuration has checked.</summary>
    public static Func<Tensor, Tensor> Of(string name) => s_known[name];

    private static Tensor GeluByTanh(Tensor x) => functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh);

    private static Tensor QuickGelu(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (x * (1.702 * x).sigmoid()).MoveToOuterDisposeScope();
    }
}
