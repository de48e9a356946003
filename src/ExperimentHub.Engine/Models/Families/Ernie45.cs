using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Layers;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of an ERNIE 4.5 without experts. Defaults are those of Hugging Face's <c>Ernie4_5Config</c>.</summary>
public sealed record Ernie45Config : RotaryDecoderConfig
{
    public Ernie45Config()
    {
    }

    private Ernie45Config(ConfigFields fields)
        : base(fields)
    {
    }

    public override string Family => "ernie4_5";

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static Ernie45Config Read(ConfigFields fields)
    {
        var defaults = new Ernie45Config(fields)
        {
            VocabSize = 103_424,
            HiddenSize = 1024,
            IntermediateSize = 3072,
            Layers = 18,
            Heads = 16,
            MaxPositions = 131_072,
            NormEpsilon = 1e-5,
            OwnHeadSize = 128,
            PaddingRow = 0,
            TiesWordEmbeddings = true,
        };
        return Read(fields, defaults, theta: 500_000, groups: 2) with { AttentionBias = fields.Flag("use_bias", false) };
    }
}

/// <summary>ERNIE 4.5 (Baidu 2025): Llama whose rotary positions turn neighbours; one switch gives all projections biases.</summary>
internal sealed class Ernie45(Ernie45Config config, ModelHead head) : RotaryDecoder(config, head, interleaved: true)
{
    protected override FeedForward BuildFeedForward(Place place, int index) =>
        new GatedFeedForward(place, Config.HiddenSize, Config.IntermediateSize, Config.Activation, Config.AttentionBias);
}
