using System.Text.Json.Nodes;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

// Shapes: B rows, T tokens, C width, H heads, D head size (C = H · D), F feed-forward width.

/// <summary>What <c>config.json</c> says of a GPT-2. Defaults are those of Hugging Face's <c>GPT2Config</c>.</summary>
public sealed record Gpt2Config : ModelConfig
{
    public Gpt2Config()
    {
    }

    private Gpt2Config(ConfigFields fields)
        : base(fields)
    {
    }

    public override string Family => "gpt2";

    public override string LayersSetting => "n_layer";

    public string Activation { get; init; } = "gelu_new";

    public double ResidualDropout { get; init; } = 0.1;

    public double EmbeddingDropout { get; init; } = 0.1;

    public double AttentionDropout { get; init; } = 0.1;

    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Scores are divided by √D.</summary>
    public bool ScalesAttention { get; init; } = true;

    /// <summary>Scores of layer i (from 1) are divided by i besides.</summary>
    public bool ScalesByLayer { get; init; }

    /// <summary>Null where the file names none.</summary>
    public int? Padding { get; init; }

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static Gpt2Config Read(ConfigFields fields)
    {
        var width = fields.Integer("n_embd", 1, LargestWidth, 768);
        var config = new Gpt2Config(fields)
        {
            VocabSize = fields.Integer("vocab_size", 1, LargestVocabulary, 50_257),
            HiddenSize = width,
            Layers = fields.Integer("n_layer", 1, 512, 12),
            Heads = fields.Integer("n_head", 1, 1024, 12),
            IntermediateSize = fields.Integer("n_inner", 1, 1 << 20, 4 * width),
            MaxPositions = fields.Integer("n_positions", 1, 1 << 20, 1024),
            InitializerRange = fields.Number("initializer_range", 0, 10, 0.02),
            Activation = ReadActivation(fields, "activation_function", "gelu_new"),
            ResidualDropout = fields.Number("resid_pdrop", 0, 0.999, 0.1),
            EmbeddingDropout = fields.Number("embd_pdrop", 0, 0.999, 0.1),
            AttentionDropout = fields.Number("attn_pdrop", 0, 0.999, 0.1),
            NormEpsilon = fields.Number("layer_norm_epsilon", 1e-30, 0.1, 1e-5),
            ScalesAttention = fields.Flag("scale_attn_weights", true),
            ScalesByLayer = fields.Flag("scale_attn_by_inverse_layer_idx", false),
            PadTokenId = fields.Integer("pad_token_id", 0, int.MaxValue, 0),
            Padding = fields.Has("pad_token_id") ? fields.Integer("pad_token_id", 0, int.MaxValue, 0) : null,
        };
        config.CheckSizes(fields, "n_embd", "n_head");
        config.CheckPadding(fields);
        return config;
    }

    private protected override void Describe(JsonObject json)
    {
        json["vocab_size"] = VocabSize;
        json["n_embd"] = HiddenSize;
        json["n_layer"] = Layers;
        json["n_head"] = Heads;
        json["n_inner"] = IntermediateSize;
        json["n_positions"] = MaxPositions;
        json["initializer_range"] = InitializerRange;
        json["activation_function"] = Activation;
        json["resid_pdrop"] = ResidualDropout;
        json["embd_pdrop"] = EmbeddingDropout;
        json["attn_pdrop"] = AttentionDropout;
        json["layer_norm_epsilon"] = NormEpsilon;
        json["scale_attn_weights"] = ScalesAttention;
        json["scale_attn_by_inverse_layer_idx"] = ScalesByLayer;
        if (Padding is not null)
        {
            json["pad_token_id"] = Padding;
        }
    }
}

/// <summary>GPT-2 (Radford et al. 2019) as Hugging Face computes it: learned positions, layers that normalise first, matrices kept (inputs, outputs).</summary>
internal sealed class Gpt2 : DecoderModel
{
    private readonly Gpt2Config _config;
    private readonly Embedding _words;
    private readonly Embedding _positions;
    private readonly Gpt2Norm _norm;

    public Gpt2(Gpt2Config config, ModelHead head)
        : base(config, head)
    {
        _config = config;
        var body = Root.At(head == ModelHead.None ? "" : Prefixes[0]);
        _words = new(body.At("wte"), config.VocabSize, config.HiddenSize, "vocab_size");
        _positions = new(body.At("wpe"), config.MaxPositions, config.HiddenSize, "n_positions");
        Layers = [.. Enumerable.Range(0, config.Layers).Select(i => new Gpt2Layer(body.At($"h.{i}", i + 1), config, i))];
        _norm = new(body.At("ln_f", config.Layers + 1), config);
        Top = head == ModelHead.None ? null : new DecoderHead(Root, config, head, _words.Weight, config.Padding);
    }

    public override IReadOnlyList<string> Prefixes { get; } = ["transformer"];

    public override Weight WordEmbeddings => _words.Weight;

    protected override IReadOnlyList<DecoderLayer> Layers { get; }

    protected override DecoderHead? Top { get; }

    /// <summary>Old files hold the causal mask as a tensor of each layer.</summary>
    public override bool Ignores(string name) =>
        base.Ignores(name) || name.EndsWith("attn.bias", StringComparison.Ordinal) || name.EndsWith("attn.masked_bias", StringComparison.Ordinal);

    public override Tensor Words(Tensor ids) => _words.Forward(ids);

    protected override Tensor Embed(Tensor words, Tensor positions, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var sum = (words + _positions.Forward(positions)).to(Precision);
        return (dropout?.Apply(sum, _config.EmbeddingDropout) ?? sum).MoveToOuterDisposeScope();
    }

    protected override DecoderNorm LastNorm => _norm;
}

/// <summary>Layer normalisation by the name of GPT-2's settings.</summary>
internal sealed class Gpt2Norm(Place place, Gpt2Config config) : DecoderNorm
{
    private readonly LayerNorm _norm = new(place, config.HiddenSize, config.NormEpsilon, setting: "n_embd");

    public override Tensor Forward(Tensor x) => _norm.Forward(x);

    public override StepNorm ToStep() => new(_norm.Weight.Value, _norm.Bias!.Value, config.NormEpsilon, centres: true);
}

/// <summary>Self-attention and feed-forward, each over normalised states and added to what went in.</summary>
internal sealed class Gpt2Layer : DecoderLayer
{
    private readonly Gpt2Config _config;
    private readonly int _index;
    private readonly double _scale;
    private readonly Func<Tensor, Tensor> _activation;
    private readonly Gpt2Norm _attentionNorm;
    private readonly Conv1D _qkv;
    private readonly Conv1D _output;
    private readonly Gpt2Norm _feedForwardNorm;
    private readonly Conv1D _up;
    private readonly Conv1D _down;

    public Gpt2Layer(Place place, Gpt2Config config, int index)
    {
        (_config, _index, _activation) = (config, index, Activation.Of(config.Activation));
        _scale = (config.ScalesAttention ? 1 / Math.Sqrt(config.HeadSize) : 1) / (config.ScalesByLayer ? index + 1 : 1);
        var (width, inner) = (config.HiddenSize, config.IntermediateSize);

        // A path to each output that is summed L times over is begun smaller, so that the sum does not grow with L.
        var residual = Initialisation.Normal(config.InitializerRange / Math.Sqrt(2.0 * config.Layers));
        _attentionNorm = new(place.At("ln_1"), config);
        _qkv = new(place.At("attn.c_attn"), 3L * width, width);
        _output = new(place.At("attn.c_proj").With(residual), width, width);
        _feedForwardNorm = new(place.At("ln_2"), config);
        _up = new(place.At("mlp.c_fc"), inner, width, "n_inner");
        _down = new(place.At("mlp.c_proj").With(residual), width, inner, "n_inner");
    }

    public override Tensor Forward(Tensor x, DecoderPass pass)
    {
        using var scope = NewDisposeScope();
        x += Drop(_output.Forward(Attend(_attentionNorm.Forward(x), pass)), pass);
        var wide = _activation(_up.Forward(_feedForwardNorm.Forward(x)));                             // (B, T, F)
        return (x + Drop(_down.Forward(wide), pass)).MoveToOuterDisposeScope();
    }

    public override StepLayer? ToStep() =>
        StepFeedForward.Knows(_config.Activation) && _qkv.ToStep() is { } qkv && _output.ToStep() is { } output && _up.ToStep() is { } up && _down.ToStep() is { } down
            ? new PreNormStep(
                _attentionNorm.ToStep(),
                new GroupedAttentionStep(qkv, output, _qkv.Weight.Value.dtype, new StepAttention(_index, _config.Heads, _config.Heads, _config.HeadSize, _scale)),
                _feedForwardNorm.ToStep(),
                new StepFeedForward(up, down, _config.Activation, gated: false))
            : null;

    private Tensor Attend(Tensor x, DecoderPass pass)
    {
        var parts = _qkv.Forward(x).chunk(3, -1);                                                     // 3 × (B, T, C)
        var queries = Attention.SplitHeads(parts[0], _config.Heads);
        var keys = Attention.SplitHeads(parts[1], _config.Heads);
        var values = Attention.SplitHeads(parts[2], _config.Heads);                                    // (B, H, T, D)
        if (pass.Cache is not null)
        {
            (keys, values) = pass.Cache.Append(_index, keys, values);
        }

        return Attention.Apply(queries, keys, values, pass.Mask, pass.Dropout is null ? 0 : _config.AttentionDropout, _scale, pass.Trace);
    }

    private Tensor Drop(Tensor x, DecoderPass pass) => pass.Dropout?.Apply(x, _config.ResidualDropout) ?? x;
}
