using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Layers;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of a Llama. Defaults are those of Hugging Face's <c>LlamaConfig</c>.</summary>
public sealed record LlamaConfig : RotaryDecoderConfig
{
    public LlamaConfig()
    {
    }

    private LlamaConfig(ConfigFields fields)
        : base(fields)
    {
    }

    public override string Family => "llama";

    public bool FeedForwardBias { get; init; }

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static LlamaConfig Read(ConfigFields fields) =>
        Read(fields, new LlamaConfig(fields) { TiesWordEmbeddings = false }) with { AttentionBias = fields.Flag("attention_bias", false), FeedForwardBias = fields.Flag("mlp_bias", false) };
}

/// <summary>Llama 2 and 3 (Touvron et al. 2023).</summary>
internal sealed class Llama(LlamaConfig config, ModelHead head) : RotaryDecoder(config, head)
{
    protected override FeedForward BuildFeedForward(Place place, int index) =>
        new GatedFeedForward(place, Config.HiddenSize, Config.IntermediateSize, Config.Activation, ((LlamaConfig)Config).FeedForwardBias);
}
