using ExperimentHub.Engine.Models.Decoders;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

// Shapes: B batch, T tokens, C width, H heads, D head size (C = H * D), F feed-forward width.

/// <summary>Self-attention and feed-forward, each with its residual and normalisation after it: BERT's layer, and that of RoBERTa, ERNIE and ELECTRA.</summary>
internal sealed class BertLayer
{
    private readonly EncoderConfig _config;
    private readonly int _index;
    private readonly Func<Tensor, Tensor> _activation;
    private readonly Linear _qkv;            // query, key and value as one product: (3C, C)
    private readonly Linear _attentionOutput;
    private readonly LayerNorm _attentionNorm;
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly LayerNorm _outputNorm;

    private BertLayer(Place place, EncoderConfig config, int index)
    {
        (_config, _index) = (config, index);
        _activation = Activation.Of(config.Activation);
        long width = config.HiddenSize;
        _qkv = new(place.At("attention.self"), width, "hidden_size", true, ("query", width), ("key", width), ("value", width));
        _attentionOutput = new(place.At("attention.output.dense"), width, width);
        _attentionNorm = new(place.At("attention.output.LayerNorm"), width, config.LayerNormEpsilon);
        _up = new(place.At("intermediate.dense"), config.IntermediateSize, width, "intermediate_size");
        _down = new(place.At("output.dense"), width, config.IntermediateSize, "intermediate_size");
        _outputNorm = new(place.At("output.LayerNorm"), width, config.LayerNormEpsilon);
    }

    /// <summary>All layers, from the lowest: <c>PLACE.0</c>, <c>PLACE.1</c>, …</summary>
    public static IReadOnlyList<BertLayer> Stack(Place place, EncoderConfig config) =>
        [.. Enumerable.Range(0, config.Layers).Select(i => new BertLayer(place.At($"{i}", i + 1), config, i))];

    /// <summary>(B, T, C) to (B, T, C); with a prefix of n tokens the mask is of n + T keys.</summary>
    public Tensor Forward(Tensor x, AttentionMask mask, Dropout? dropout, ForwardTrace? trace = null, Prefix? prefix = null)
    {
        using var scope = NewDisposeScope();
        return Finish(x, Attend(x, mask, dropout, trace, prefix), dropout).MoveToOuterDisposeScope();
    }

    /// <summary>(…, C) to (…, 3C): query, key and value, each of all heads.</summary>
    public Tensor Project(Tensor x) => _qkv.Forward(x);

    /// <summary>All that comes after attention: <paramref name="x"/> went into the layer, <paramref name="mixed"/> is what attention made of it, both (…, C).</summary>
    public Tensor Finish(Tensor x, Tensor mixed, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var attended = _attentionNorm.Forward(x + Drop(_attentionOutput.Forward(mixed), dropout));
        var wide = _activation(_up.Forward(attended));                                                      // (…, F)
        return _outputNorm.Forward(attended + Drop(_down.Forward(wide), dropout)).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor x, AttentionMask mask, Dropout? dropout, ForwardTrace? trace, Prefix? prefix)
    {
        var qkv = Project(x)                                                                                // (B, T, 3C)
            .view(x.shape[0], x.shape[1], 3, _config.Heads, _config.HeadSize)
            .permute(2, 0, 3, 1, 4);                                                                        // (3, B, H, T, D)
        var (keys, values) = prefix?.Append(_index, qkv[1], qkv[2]) ?? (qkv[1], qkv[2]);
        return Attention.Apply(qkv[0], keys, values, mask, dropout is null ? 0 : _config.AttentionDropout, trace: trace);
    }

    private Tensor Drop(Tensor x, Dropout? dropout) => dropout?.Apply(x, _config.HiddenDropout) ?? x;
}
