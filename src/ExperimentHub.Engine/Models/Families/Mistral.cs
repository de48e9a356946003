using ExperimentHub.Engine.Models.Decoders;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of a Mistral. Defaults are those of Hugging Face's <c>MistralConfig</c>.</summary>
public sealed record MistralConfig : RotaryDecoderConfig
{
    public MistralConfig()
    {
    }

    private MistralConfig(ConfigFields fields)
        : base(fields)
    {
    }

    public override string Family => "mistral";

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static MistralConfig Read(ConfigFields fields)
    {
        var defaults = new MistralConfig(fields) { IntermediateSize = 14336, MaxPositions = 131_072, TiesWordEmbeddings = false };
        return Read(fields, defaults, groups: 8) with { SlidingWindow = fields.Has("sliding_window") ? fields.Integer("sliding_window", 1, int.MaxValue, 4096) : null };
    }
}

/// <summary>Mistral (Jiang et al. 2023): Llama whose layers see a window.</summary>
internal sealed class Mistral(MistralConfig config, ModelHead head) : RotaryDecoder(config, head);
