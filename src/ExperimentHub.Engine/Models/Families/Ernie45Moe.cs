using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Layers;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of an ERNIE 4.5 with experts. Defaults are those of Hugging Face's <c>Ernie4_5_MoeConfig</c>.</summary>
public sealed record Ernie45MoeConfig : RotaryDecoderConfig
{
    public Ernie45MoeConfig()
    {
    }

    private Ernie45MoeConfig(ConfigFields fields)
        : base(fields)
    {
    }

    public override string Family => "ernie4_5_moe";

    public int ExpertSize { get; init; } = 1536;

    /// <summary>So many experts' width has the one that all tokens share; 0: there is none.</summary>
    public int SharedExperts { get; init; } = 2;

    internal RouterSettings Router { get; init; } = new(64, 6, Normalises: true, 1e-12);

    private int First { get; init; } = 1;

    private int Last { get; init; } = int.MaxValue;

    private int Interval { get; init; } = 1;

    public bool HasExperts(int layer) => (layer + 1) % Interval == 0 && layer >= First && layer <= Last;

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static Ernie45MoeConfig Read(ConfigFields fields)
    {
        var defaults = new Ernie45MoeConfig(fields)
        {
            VocabSize = 103_424,
            HiddenSize = 2560,
            IntermediateSize = 12_288,
            Layers = 28,
            Heads = 20,
            MaxPositions = 131_072,
            NormEpsilon = 1e-5,
            PaddingRow = 0,
            TiesWordEmbeddings = true,
        };
        var config = Read(fields, defaults, theta: 500_000, groups: 4) with { AttentionBias = fields.Flag("use_bias", false) };
        var experts = RouterSettings.ReadExperts(fields, "moe_num_experts", config.Layers, 64);
        var last = fields.Integer("moe_layer_end_index", -1, 512, -1);
        return config with
        {
            ExpertSize = fields.Integer("moe_intermediate_size", 1, 1 << 20, 1536),
            SharedExperts = fields.Integer("moe_num_shared_experts", 0, 64, 2),
            Router = new(experts, fields.Integer("moe_k", 1, experts, Math.Min(6, experts)), Normalises: true, fields.Number("moe_norm_min", 0, 1, 1e-12)),
            First = fields.Integer("moe_layer_start_index", 0, 512, 1),
            Last = last < 0 ? config.Layers - 1 : last,
            Interval = fields.Integer("moe_layer_interval", 1, 512, 1),
        };
    }
}

/// <summary>ERNIE 4.5 with experts (Baidu 2025): a correction helps idle experts to be chosen, and some are shared by all tokens.</summary>
internal sealed class Ernie45Moe(Ernie45MoeConfig config, ModelHead head) : RotaryDecoder(config, head, interleaved: true)
{
    protected override FeedForward BuildFeedForward(Place place, int index)
    {
        var settings = (Ernie45MoeConfig)Config;
        return settings.HasExperts(index)
            ? new MixtureOfExperts(place, Config.HiddenSize, settings.Router, hasCorrection: true, at => Expert(at, settings.ExpertSize, bias: false), settings.SharedExperts > 0 ? Shared : null)
            : new GatedFeedForward(place, Config.HiddenSize, Config.IntermediateSize, Config.Activation, Config.AttentionBias);

        FeedForward Shared(Place at) => Expert(at, settings.ExpertSize * settings.SharedExperts, Config.AttentionBias);

        // use_bias is not for the experts that are chosen.
        FeedForward Expert(Place at, int inner, bool bias) => new GatedFeedForward(at, Config.HiddenSize, inner, Config.Activation, bias, "moe_intermediate_size");
    }
}
