using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters;

/// <summary>
/// The tensors of a base with an adapter merged into them (PEFT's <c>merge_and_unload</c>), in 32 bits:
/// LoRA W + s·B·A; DoRA m·(W + s·B·A) / ‖W + s·B·A‖ with the length of each output's row; IA3 W and bias times l, or the columns of W where
/// the input is scaled. GPT-2's matrices lie as (inputs, outputs) and change the other way round.
/// </summary>
internal static class MergedTensors
{
    /// <summary>Name and new numbers of each tensor that changes, one at a time; the caller disposes them.</summary>
    /// <param name="adapter">An adapter that fits <paramref name="to"/>.</param>
    /// <param name="to">The base.</param>
    /// <param name="read">A tensor of the base by its name, for the caller of this function to give away; null when the base has none (a bias).</param>
    public static IEnumerable<(string Name, Tensor Value)> Of(Adapter adapter, AdapterBase to, Func<string, Tensor?> read)
    {
        // First what replaces tensors of the base: a bias that was trained is then scaled as it is.
        var saved = adapter.Weights.Saved;
        foreach (var (target, name) in saved)
        {
            yield return (target, adapter.Weights.Read(name));
        }

        foreach (var part in adapter.Weights.Parts)
        {
            var module = to.Modules[part.Module];
            var weight = part.Module + ".weight";
            yield return (weight, Merge(adapter, part, module, () => Current(weight)!));
            var bias = part.Module + ".bias";
            if (part.Scale is { } scale && !adapter.Config.FeedForward(part.Module) && Current(bias) is { } before)
            {
                using (before)
                {
                    using var factors = adapter.Weights.Read(scale);
                    yield return (bias, before * factors.flatten());
                }
            }
        }

        Tensor? Current(string name) => saved.TryGetValue(name, out var own) ? adapter.Weights.Read(own) : read(name);
    }

    private static Tensor Merge(Adapter adapter, AdapterPart part, BaseModule module, Func<Tensor> read)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var turns = module.Kind == ModuleKind.Conv1D;
        var weight = turns ? read().t() : read();   // (outputs, inputs); of an embedding (rows, width)
        if (part.Scale is { } scale)
        {
            var scaled = weight * adapter.Weights.Read(scale);   // (outputs, 1) or (1, inputs)
            return (turns ? scaled.t() : scaled).contiguous().MoveToOuterDisposeScope();
        }

        var product = adapter.Weights.Read(part.Up!).matmul(adapter.Weights.Read(part.Down!)) * adapter.Config.ScaleOf(part.Module);
        var merged = weight + (part.IsEmbedding ? product.t() : product);
        if (part.Magnitude is { } magnitude)
        {
            var lengths = part.IsEmbedding ? merged.norm(0, keepdim: true) : merged.norm(1, keepdim: true);
            merged = adapter.Weights.Read(magnitude).reshape(lengths.shape) * merged / lengths;
        }

        return (turns ? merged.t() : merged).contiguous().MoveToOuterDisposeScope();
    }
}
