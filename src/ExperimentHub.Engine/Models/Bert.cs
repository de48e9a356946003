using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ExperimentHub.Engine.Models;

// Shapes: B batch, T tokens, V vocabulary, C width, H heads, D head size (C = H * D), F feed-forward width.

/// <summary>
/// BERT (Devlin et al. 2018) as Hugging Face computes it: post-norm, exact GELU, absolute positions, a tanh pooler over the first token
/// and a linear head. This is the reference: plain layers under torch's autograd.
/// </summary>
internal sealed class Bert : IDisposable
{
    private readonly Weight _positions;      // (P, C)
    private readonly Weight _types;          // (2, C)
    private readonly BertNorm _norm;
    private readonly BertLinear _pooler;
    private readonly BertLinear _classifier;

    /// <summary>A model with values that are not set yet: <see cref="BertCheckpoint"/> loads or initialises them.</summary>
    public Bert(BertConfig config, IReadOnlyList<string> labels)
    {
        Config = config with { Labels = labels };
        Labels = labels;
        long width = config.HiddenSize;
        WordEmbeddings = new(0, [config.VocabSize, width], "bert.embeddings.word_embeddings.weight");
        _positions = new(0, [config.MaxPositions, width], "bert.embeddings.position_embeddings.weight");
        _types = new(0, [config.TypeVocabSize, width], "bert.embeddings.token_type_embeddings.weight");
        _norm = new(0, config, "bert.embeddings.LayerNorm");
        Layers = [.. Enumerable.Range(0, config.Layers).Select(i => new BertLayer(config, i))];
        _pooler = new(config.Layers + 1, width, width, "bert.pooler.dense");
        _classifier = new(config.Layers + 2, labels.Count, width, "classifier");
        Weights = [WordEmbeddings, _positions, _types, .. _norm.Weights, .. Layers.SelectMany(l => l.Weights), .. _pooler.Weights, .. _classifier.Weights];
    }

    public BertConfig Config { get; }

    public IReadOnlyList<string> Labels { get; }

    public IReadOnlyList<BertLayer> Layers { get; }

    /// <summary>All parameters in the order of the checkpoint.</summary>
    public IReadOnlyList<Weight> Weights { get; }

    /// <summary>(V, C)</summary>
    public Weight WordEmbeddings { get; }

    /// <summary>Where the weights lie; batches may come from the processor's memory.</summary>
    public Device Device { get; private set; } = CPU;

    /// <summary>What the layers compute in. The word embeddings may be kept in 32 bits beside it.</summary>
    public ScalarType Precision { get; private set; } = ScalarType.Float32;

    /// <summary>Token ids (B, T) to class scores (B, classes), in 32 bits; without <paramref name="dropout"/> as in evaluation.</summary>
    public Tensor Forward(PaddedBatch batch, Dropout? dropout = null)
    {
        using var scope = NewDisposeScope();
        batch = batch.On(Device, Config.PadTokenId);
        return Forward(Words(batch.Ids), batch, dropout).MoveToOuterDisposeScope();
    }

    /// <summary>The same from word vectors that were looked up elsewhere.</summary>
    public Tensor Forward(Tensor words, PaddedBatch batch, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        return Classify(Encode(words, batch, dropout), dropout).MoveToOuterDisposeScope();
    }

    /// <summary>(B, C): all that the head reads of a batch, without dropout.</summary>
    public Tensor Features(PaddedBatch batch)
    {
        using var scope = NewDisposeScope();
        batch = batch.On(Device, Config.PadTokenId);
        return Encode(Words(batch.Ids), batch, null).MoveToOuterDisposeScope();
    }

    /// <summary>(B, T, C): word + position + type, normalised.</summary>
    public Tensor Embed(Tensor words, PaddedBatch batch, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var positions = _positions.Value.narrow(0, 0, batch.Length);                                        // (T, C)
        var sum = batch.Types is null
            ? words + (positions + _types.Value.narrow(0, 0, 1))
            : words + positions + _types.Value.index_select(0, batch.Types.flatten()).view(batch.Rows, batch.Length, -1);
        var normalised = _norm.Forward(sum);
        return (dropout?.Apply(normalised, Config.HiddenDropout) ?? normalised).MoveToOuterDisposeScope();
    }

    /// <summary>(N, C): the same over packed rows.</summary>
    public Tensor Embed(Tensor words, PackedBatch batch, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var types = batch.Types is null ? _types.Value.narrow(0, 0, 1) : _types.Value.index_select(0, batch.Types);
        var normalised = _norm.Forward(words + _positions.Value.index_select(0, batch.Positions) + types);
        return (dropout?.Apply(normalised, Config.HiddenDropout) ?? normalised).MoveToOuterDisposeScope();
    }

    /// <summary>Additive mask (B, 1, 1, T): 0 where a token may be looked at, the type's lowest number on padding; null without padding.</summary>
    public Tensor? AttentionMask(PaddedBatch batch)
    {
        if (batch.Mask is null)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        var lowest = Precision == ScalarType.BFloat16 ? -3.3895314e38f : float.MinValue;
        return ((1 - batch.Mask.to(ScalarType.Float32)) * lowest).to(Precision).view(batch.Rows, 1, 1, batch.Length).MoveToOuterDisposeScope();
    }

    /// <summary>(N, C) to (B, C): tanh of a dense layer over each row's first token.</summary>
    public Tensor Pool(Tensor hidden, PackedBatch batch)
    {
        using var scope = NewDisposeScope();
        return Pool(hidden.index_select(0, batch.Starts)).MoveToOuterDisposeScope();
    }

    public Tensor Classify(Tensor pooled, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var dropped = dropout?.Apply(pooled, Config.ClassifierDropout ?? Config.HiddenDropout) ?? pooled;
        return _classifier.Forward(dropped).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Vectors (…, C) of token ids (…).</summary>
    public Tensor Words(Tensor ids)
    {
        using var scope = NewDisposeScope();
        return WordEmbeddings.Value.index_select(0, ids.flatten()).to(Precision).view([.. ids.shape, -1]).MoveToOuterDisposeScope();
    }

    /// <summary>(B, T, C) to (B, C): embeddings, layers, pooler.</summary>
    private Tensor Encode(Tensor words, PaddedBatch batch, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var hidden = Embed(words, batch, dropout);
        var mask = AttentionMask(batch);
        foreach (var layer in Layers)
        {
            hidden = layer.Forward(hidden, mask, dropout);
        }

        return Pool(hidden.select(1, 0)).MoveToOuterDisposeScope();
    }

    /// <summary>(B, C): the same of the first tokens themselves.</summary>
    public Tensor Pool(Tensor firstTokens)
    {
        using var scope = NewDisposeScope();
        return _pooler.Forward(firstTokens).tanh().MoveToOuterDisposeScope();
    }

    /// <summary>Computes on another device from now on; the first thing to do with a model.</summary>
    public void MoveTo(Device device)
    {
        if (device.type == Device.type)
        {
            return;
        }

        Device = device;
        foreach (var weight in Weights)
        {
            weight.MoveTo(device);
        }
    }

    /// <summary>
    /// Computes in 16 bits from now on. Gives back the weights in 32 bits, which are then the caller's: the masters of training. The
    /// word embeddings are only read by rows, so they may stay as they are.
    /// </summary>
    public Dictionary<Weight, Tensor> ConvertToBFloat16(bool keepWordEmbeddings)
    {
        Precision = ScalarType.BFloat16;
        return Weights.Where(w => !(keepWordEmbeddings && w == WordEmbeddings)).ToDictionary(w => w, w => w.ConvertTo(ScalarType.BFloat16));
    }

    public void Dispose()
    {
        foreach (var weight in Weights)
        {
            weight.Dispose();
        }
    }
}

/// <summary>Self-attention and feed-forward, each with its residual and normalisation.</summary>
internal sealed class BertLayer
{
    private readonly BertConfig _config;
    private readonly Func<Tensor, Tensor> _activation;
    private readonly BertLinear _qkv;            // query, key and value as one product: (3C, C)
    private readonly BertLinear _attentionOutput;
    private readonly BertNorm _attentionNorm;
    private readonly BertLinear _up;
    private readonly BertLinear _down;
    private readonly BertNorm _outputNorm;

    public BertLayer(BertConfig config, int index)
    {
        _config = config;
        _activation = config.Activation switch
        {
            "relu" => x => functional.relu(x),
            "silu" or "swish" => x => functional.silu(x),
            "gelu" => x => functional.gelu(x),
            _ => x => functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh),
        };
        var at = $"bert.encoder.layer.{index}.";
        long width = config.HiddenSize;
        _qkv = new(index + 1, width, width, at + "attention.self.query", at + "attention.self.key", at + "attention.self.value");
        _attentionOutput = new(index + 1, width, width, at + "attention.output.dense");
        _attentionNorm = new(index + 1, config, at + "attention.output.LayerNorm");
        _up = new(index + 1, config.IntermediateSize, width, at + "intermediate.dense");
        _down = new(index + 1, width, config.IntermediateSize, at + "output.dense");
        _outputNorm = new(index + 1, config, at + "output.LayerNorm");
        Weights = [.. _qkv.Weights, .. _attentionOutput.Weights, .. _attentionNorm.Weights, .. _up.Weights, .. _down.Weights, .. _outputNorm.Weights];
    }

    public IReadOnlyList<Weight> Weights { get; }

    /// <summary>(B, T, C) to (B, T, C); the mask is additive, (B, 1, 1, T), or null.</summary>
    public Tensor Forward(Tensor x, Tensor? mask, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        return Finish(x, Attend(x, mask, dropout), dropout).MoveToOuterDisposeScope();
    }

    /// <summary>(…, C) to (…, 3C): query, key and value, each of all heads.</summary>
    public Tensor Project(Tensor x) => _qkv.Forward(x);

    /// <summary>All that comes after attention: <paramref name="x"/> went into the layer, <paramref name="mixed"/> is what attention made of it, both (…, C).</summary>
    public Tensor Finish(Tensor x, Tensor mixed, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var attended = _attentionNorm.Forward(x + Drop(_attentionOutput.Forward(mixed), dropout));
        var wide = _activation(_up.Forward(attended));                                                      // (B, T, F)
        return _outputNorm.Forward(attended + Drop(_down.Forward(wide), dropout)).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor x, Tensor? mask, Dropout? dropout)
    {
        var (batch, time, width) = (x.shape[0], x.shape[1], x.shape[2]);
        var qkv = Project(x)                                                                                // (B, T, 3C)
            .view(batch, time, 3, _config.Heads, _config.HeadSize)
            .permute(2, 0, 3, 1, 4);                                                                        // (3, B, H, T, D)
        var probability = dropout is null ? 0 : _config.AttentionDropout;
        var attended = functional.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], mask, probability); // (B, H, T, D)
        return attended.transpose(1, 2).reshape(batch, time, width);
    }

    private Tensor Drop(Tensor x, Dropout? dropout) => dropout?.Apply(x, _config.HiddenDropout) ?? x;
}

/// <summary>y = x · Wᵀ + b; several names: their matrices one below the other, as one product.</summary>
internal sealed class BertLinear(int depth, long outputs, long inputs, params string[] names)
{
    public IReadOnlyList<Weight> Weights { get; } =
        [new(depth, [outputs, inputs], [.. names.Select(n => n + ".weight")]), new(depth, [outputs], [.. names.Select(n => n + ".bias")])];

    public Tensor Forward(Tensor x) => functional.linear(x, Weights[0].Value, Weights[1].Value);
}

internal sealed class BertNorm(int depth, BertConfig config, string name)
{
    public IReadOnlyList<Weight> Weights { get; } = [new(depth, [config.HiddenSize], name + ".weight"), new(depth, [config.HiddenSize], name + ".bias")];

    public Tensor Forward(Tensor x) => functional.layer_norm(x, [config.HiddenSize], Weights[0].Value, Weights[1].Value, config.LayerNormEpsilon);
}
