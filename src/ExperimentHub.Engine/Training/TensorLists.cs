using static TorchSharp.torch;

namespace ExperimentHub.Engine.Training;

/// <summary>Torch's operators over lists of tensors, one call for all weights: what a GPU waits for is the number of calls. All tensors are of 32 bits.</summary>
internal static class TensorLists
{
    // A list must come in as an argument: one built inside a script is optimised away and the update does nothing.
    private const string Script = """
        def squared_norm(g: List[Tensor]):
            return torch.stack(torch._foreach_norm(g, 2)).double().square().sum()

        def step(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], x: List[Tensor], t: List[Tensor], lr: float, b1: float, b2: float, wd: float, eps: float, scale: float):
            if scale != 1.0:
                torch._foreach_mul_(g, scale)
            torch._fused_adamw_(p, g, m, v, x, t, lr=lr, beta1=b1, beta2=b2, weight_decay=wd, eps=eps, amsgrad=False, maximize=False)

        """;

    private static readonly Lazy<jit.CompilationUnit> s_script = new(() => jit.compile(Script));

    /// <summary>Σ x² over all of them.</summary>
    public static double SquaredNorm(Tensor[] tensors)
    {
        if (tensors.Length == 0)
        {
            return 0;
        }

        using var noGrad = no_grad();
        using var sum = s_script.Value.invoke<Tensor>("squared_norm", (object)tensors);
        return sum.item<double>();
    }

    /// <summary>One step of AdamW (Loshchilov and Hutter 2019); <paramref name="steps"/> counts this one, and the gradients are scaled in place.</summary>
    public static void StepAdamW(
        Tensor[] weights, Tensor[] gradients, Tensor[] first, Tensor[] second, AdamWSettings settings, double learningRate, long steps, double gradientScale)
    {
        using var noGrad = no_grad();
        using var count = full([], (float)steps, ScalarType.Float32, weights[0].device);
        s_script.Value.invoke(
            "step",
            weights, gradients, first, second, Array.Empty<Tensor>(), Enumerable.Repeat(count, weights.Length).ToArray(),
            learningRate, settings.Beta1, settings.Beta2, settings.WeightDecay, settings.Epsilon, gradientScale);
    }
}
