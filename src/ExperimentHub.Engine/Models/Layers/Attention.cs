using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>Multi-head attention (Vaswani et al. 2017, equation 1). Shapes: B batch, T tokens, H heads, K heads of keys and values (H a multiple of K), D head size.</summary>
internal static class Attention
{
    /// <summary>(B, T, heads · D) to (B, heads, T, D).</summary>
    public static Tensor SplitHeads(Tensor x, int heads)
    {
        using var scope = NewDisposeScope();
        return x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Queries (B, H, Tq, D), keys and values (B, K, Tk, D) to (B, Tq, H · D). The scores are divided by √D, or multiplied by <paramref name="scale"/>.</summary>
    public static Tensor Apply(Tensor queries, Tensor keys, Tensor values, AttentionMask mask, double dropout, double? scale = null, ForwardTrace? trace = null)
    {
        using var scope = NewDisposeScope();
        var (heads, size) = (queries.shape[1], queries.shape[3]);
        if (scale is { } factor)
        {
            queries *= factor * Math.Sqrt(size);   // the operator divides by √D
        }

        if (keys.shape[1] != heads)
        {
            (keys, values) = (Repeat(keys, heads), Repeat(values, heads));
        }

        trace?.AddAttention(() => Probabilities(queries, keys, mask));
        var mixed = functional.scaled_dot_product_attention(queries, keys, values, mask.Additive, dropout, mask.IsCausal);   // (B, H, Tq, D)
        return mixed.transpose(1, 2).reshape(mixed.shape[0], mixed.shape[2], heads * values.shape[3]).MoveToOuterDisposeScope();
    }

    /// <summary>Each head of keys or values serves H / K heads of queries that follow one another.</summary>
    private static Tensor Repeat(Tensor x, long heads)
    {
        var (batch, groups, time, size) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        return x.unsqueeze(2).expand(batch, groups, heads / groups, time, size).reshape(batch, heads, time, size);
    }

    private static Tensor Probabilities(Tensor queries, Tensor keys, AttentionMask mask)
    {
        var scores = queries.matmul(keys.transpose(-2, -1)) / Math.Sqrt(queries.shape[3]);
        mask = mask.IsCausal ? AttentionMask.Causal(ones([1, keys.shape[2]], device: keys.device), keys.shape[2], keys.device, scores.dtype) : mask;
        return functional.softmax(mask.Additive is null ? scores : scores + mask.Additive, -1);
    }
}
