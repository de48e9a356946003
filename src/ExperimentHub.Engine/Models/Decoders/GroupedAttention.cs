using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>
/// Causal self-attention with rotary positions and fewer heads of keys and values than of queries (Ainslie et al. 2023). Query, key and
/// value are one product.
/// </summary>
/// <remarks>B rows, T tokens, C width, H heads of queries, K of keys and values, D head size.</remarks>
internal sealed class GroupedAttention(int layer, RotaryDecoderConfig config, Linear projection, Linear output)
{
    private readonly int _heads = config.Heads;
    private readonly int _groups = config.KeyValueHeads;
    private readonly int _size = config.HeadSize;

    /// <summary>Applied to the D numbers of each head before they are turned, in families that have it.</summary>
    public DecoderNorm? QueryNorm { get; init; }

    public DecoderNorm? KeyNorm { get; init; }

    /// <summary>What scores are multiplied by; null: 1/√D.</summary>
    public double? Scale { get; init; }

    /// <summary>True: a token sees the window of its pass alone.</summary>
    public bool Slides { get; init; }

    /// <summary>(B, T, C) to (B, T, C)</summary>
    public Tensor Forward(Tensor x, DecoderPass pass)
    {
        using var scope = NewDisposeScope();
        var projected = projection.Forward(x);                                                        // (B, T, (H + 2K) · D)
        var queries = Split(projected, 0, _heads);                                                    // (B, H, T, D)
        var keys = Split(projected, _heads, _groups);                                                 // (B, K, T, D)
        var values = Split(projected, _heads + _groups, _groups);
        queries = QueryNorm?.Forward(queries) ?? queries;
        keys = KeyNorm?.Forward(keys) ?? keys;
        var rotary = pass.RotaryOf(Slides);
        (queries, keys) = (rotary.Turn(queries), rotary.Turn(keys));
        if (pass.Cache is not null)
        {
            (keys, values) = pass.Cache.Append(layer, keys, values);
        }

        var dropout = pass.Dropout is null ? 0 : config.AttentionDropout;
        var mixed = Attention.Apply(queries, keys, values, pass.MaskOf(Slides), dropout, Scale, pass.Trace);
        return output.Forward(mixed).MoveToOuterDisposeScope();
    }

    /// <summary>The same for one token a row; null where the weights do not lie as a step reads them.</summary>
    public GroupedAttentionStep? ToStep() =>
        projection.ToStep() is { } projects && output.ToStep() is { } puts
            ? new(projects, puts, projection.Weight.Value.dtype, new StepAttention(layer, _heads, _groups, _size, Scale ?? 1 / Math.Sqrt(_size))
            {
                QueryNorm = QueryNorm?.ToStep(),
                KeyNorm = KeyNorm?.ToStep(),
                Window = Slides ? config.SlidingWindow!.Value : int.MaxValue,
                Slides = Slides,
            })
            : null;

    private Tensor Split(Tensor projected, int first, int heads) =>
        Attention.SplitHeads(projected.narrow(-1, (long)first * _size, (long)heads * _size), heads);
}
