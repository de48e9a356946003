using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>
/// A decoder in the form of Llama (Touvron et al. 2023): word embeddings, layers that normalise first, RMS normalisation, rotary
/// positions, gated feed-forward. A family says what its attention and its feed-forward are.
/// </summary>
internal abstract class RotaryDecoder : DecoderModel
{
    private readonly RotaryEmbedding _rotary;
    private readonly Embedding _words;
    private readonly DecoderNorm _norm;

    protected RotaryDecoder(RotaryDecoderConfig config, ModelHead head, bool interleaved = false)
        : base(config, head)
    {
        var body = Root.At(head == ModelHead.None ? "" : Prefixes[0]);
        _rotary = new(config.Rotary, config.HeadSize, interleaved);
        _words = new(body.At("embed_tokens"), config.VocabSize, config.HiddenSize, "vocab_size", config.PaddingRow);
        Layers = [.. Enumerable.Range(0, config.Layers).Select(i => BuildLayer(body.At($"layers.{i}", i + 1), i))];
        _norm = BuildNorm(body.At("norm", config.Layers + 1), config.HiddenSize);
        Top = head == ModelHead.None ? null : new DecoderHead(Root, config, head, _words.Weight, config.PaddingRow);
    }

    public new RotaryDecoderConfig Config => (RotaryDecoderConfig)base.Config;

    public override IReadOnlyList<string> Prefixes { get; } = ["model"];

    public override Weight WordEmbeddings => _words.Weight;

    protected override IReadOnlyList<DecoderLayer> Layers { get; }

    protected override DecoderHead? Top { get; }

    protected override int? Window => Config.SlidingWindow;

    public override bool Ignores(string name) => base.Ignores(name) || name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    /// <summary>Called while the base is built: a family's own fields are not set yet, its configuration is.</summary>
    protected virtual DecoderLayer BuildLayer(Place place, int index)
    {
        return new PreNormLayer(
            BuildNorm(place.At("input_layernorm"), Config.HiddenSize),
            BuildAttention(place.At("self_attn"), index),
            BuildNorm(place.At("post_attention_layernorm"), Config.HiddenSize),
            BuildFeedForward(place.At("mlp"), index));
    }

    /// <summary>Query, key and value of one input, and the output's projection.</summary>
    protected virtual GroupedAttention BuildAttention(Place place, int index) =>
        new(index, Config, Projection(place, Config.AttentionBias), Output(place, Config.AttentionBias)) { Slides = Config.Slides(index) };

    protected virtual FeedForward BuildFeedForward(Place place, int index) =>
        new GatedFeedForward(place, Config.HiddenSize, Config.IntermediateSize, Config.Activation);

    protected virtual DecoderNorm BuildNorm(Place place, int width) => new RootMeanSquare(place, width, Config.NormEpsilon);

    protected Linear Projection(Place place, bool bias)
    {
        var keys = (long)Config.KeyValueHeads * Config.HeadSize;
        return new(place, Config.HiddenSize, "num_key_value_heads", bias, ("q_proj", (long)Config.Heads * Config.HeadSize), ("k_proj", keys), ("v_proj", keys));
    }

    protected Linear Output(Place place, bool bias) => new(place.At("o_proj"), Config.HiddenSize, (long)Config.Heads * Config.HeadSize, "num_attention_heads", bias);

    public override bool TurnsAnew(long before, long after) => ((RotaryDecoderConfig)Config).Rotary.TurnsAnew(before, after);

    public override Tensor Words(Tensor ids)
    {
        using var scope = NewDisposeScope();
        return _words.Forward(ids).to(Precision).MoveToOuterDisposeScope();
    }

    protected override Tensor Embed(Tensor words, Tensor positions, Dropout? dropout) => words;

    protected override (RotaryTable? All, RotaryTable? Window) Turn(Tensor positions, long length) => (_rotary.At(positions, length, Precision), null);

    protected override DecoderNorm LastNorm => _norm;

    public override (StepAngles? All, StepAngles? Window) Turn(ReadOnlySpan<int> positions, long length) => (_rotary.At(positions, length), null);
}
