using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>Keys and values that layers have read before the first token of a pass.</summary>
/// <remarks>B rows, K heads of keys and values, D head size.</remarks>
internal abstract class PastTokens
{
    /// <summary>How many stand before the first token of a pass, in each row.</summary>
    public abstract long Length { get; }

    /// <summary>Joins keys and values (B, K, T, D) of a layer.</summary>
    /// <returns>Those before and these (B, K, Length + T, D).</returns>
    public abstract (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values);

    /// <summary>All layers have read <paramref name="tokens"/> more.</summary>
    public abstract void Advance(long tokens);
}

/// <summary>
/// Keys and values that are learned and stand before every row (prefix tuning, Li and Liang 2021): gradients reach them, and what is read
/// behind them is not kept.
/// </summary>
/// <param name="layers">Of each layer keys and values (K, n, D).</param>
internal sealed class Prefix(IReadOnlyList<(Tensor Keys, Tensor Values)> layers) : PastTokens
{
    public override long Length { get; } = layers[0].Keys.shape[1];

    public override (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        return (Before(layers[layer].Keys, keys).MoveToOuterDisposeScope(), Before(layers[layer].Values, values).MoveToOuterDisposeScope());
    }

    public override void Advance(long tokens)
    {
    }

    private static Tensor Before(Tensor own, Tensor others) => cat([own.unsqueeze(0).expand(others.shape[0], -1, -1, -1), others], 2);
}
