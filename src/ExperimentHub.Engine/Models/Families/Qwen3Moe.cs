using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Layers;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of a Qwen 3 with experts. Defaults are those of Hugging Face's <c>Qwen3MoeConfig</c>.</summary>
public sealed record Qwen3MoeConfig : QwenConfig
{
    public Qwen3MoeConfig()
    {
    }

    private Qwen3MoeConfig(ConfigFields fields)
        : base(fields)
    {
    }

    public override string Family => "qwen3_moe";

    public int ExpertSize { get; init; } = 768;

    internal RouterSettings Router { get; init; } = new(128, 8, Normalises: false);

    private int Step { get; init; } = 1;

    private IReadOnlyList<int> Plain { get; init; } = [];

    public bool HasExperts(int layer) => !Plain.Contains(layer) && (layer + 1) % Step == 0;

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static Qwen3MoeConfig Read(ConfigFields fields)
    {
        var defaults = new Qwen3MoeConfig(fields) { HiddenSize = 2048, IntermediateSize = 6144, Layers = 24 };
        var config = ReadQwen(fields, defaults, groups: 4);

        // Without a list of layer types, all layers of this family slide where any does.
        config = config with { FirstSliding = 0, AttentionBias = fields.Flag("attention_bias", false) };
        var experts = RouterSettings.ReadExperts(fields, fields.Has("num_experts") ? "num_experts" : "num_local_experts", config.Layers, 128);
        return config with
        {
            ExpertSize = fields.Integer("moe_intermediate_size", 1, 1 << 20, 768),
            Router = new(experts, fields.Integer("num_experts_per_tok", 1, experts, Math.Min(8, experts)), fields.Flag("norm_topk_prob", false)),
            Step = fields.Integer("decoder_sparse_step", 1, 512, 1),
            Plain = fields.Integers("mlp_only_layers", 0, config.Layers - 1),
        };
    }
}

/// <summary>Qwen 3 with experts (Yang et al. 2025): its layers' feed-forward is a mixture.</summary>
internal sealed class Qwen3Moe(Qwen3MoeConfig config, ModelHead head) : RotaryDecoder(config, head)
{
    protected override GroupedAttention BuildAttention(Place place, int index) => new(index, Config, Projection(place, Config.AttentionBias), Output(place, Config.AttentionBias))
    {
        QueryNorm = new RootMeanSquare(place.At("q_norm"), Config.HeadSize, Config.NormEpsilon, "head_dim"),
        KeyNorm = new RootMeanSquare(place.At("k_norm"), Config.HeadSize, Config.NormEpsilon, "head_dim"),
        Slides = Config.Slides(index),
    };

    protected override FeedForward BuildFeedForward(Place place, int index)
    {
        var settings = (Qwen3MoeConfig)Config;
        return settings.HasExperts(index)
            ? new MixtureOfExperts(place, Config.HiddenSize, settings.Router, hasCorrection: false, Expert)
            : base.BuildFeedForward(place, index);

        FeedForward Expert(Place at) => new GatedFeedForward(at, Config.HiddenSize, settings.ExpertSize, Config.Activation, setting: "moe_intermediate_size");
    }
}
