using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Layers;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of a Phi-3. Defaults are those of Hugging Face's <c>Phi3Config</c>.</summary>
public sealed record Phi3Config : RotaryDecoderConfig
{
    public Phi3Config()
    {
    }

    private Phi3Config(ConfigFields fields)
        : base(fields)
    {
    }

    public override string Family => "phi3";

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static Phi3Config Read(ConfigFields fields)
    {
        var defaults = new Phi3Config(fields)
        {
            VocabSize = 32_064,
            HiddenSize = 3072,
            IntermediateSize = 8192,
            MaxPositions = 4096,
            NormEpsilon = 1e-5,
            PaddingRow = 32_000,
            TiesWordEmbeddings = false,
        };
        return Read(fields, defaults) with { SlidingWindow = fields.Has("sliding_window") ? fields.Integer("sliding_window", 1, int.MaxValue, 4096) : null };
    }
}

/// <summary>Phi-3 (Abdin et al. 2024): Llama whose checkpoints have query, key and value in one matrix, and gate and up in one.</summary>
internal sealed class Phi3(Phi3Config config, ModelHead head) : RotaryDecoder(config, head)
{
    protected override GroupedAttention BuildAttention(Place place, int index)
    {
        var rows = (Config.Heads + (2L * Config.KeyValueHeads)) * Config.HeadSize;
        return new(index, Config, new Linear(place.At("qkv_proj"), rows, Config.HiddenSize, "num_key_value_heads", bias: false), Output(place, bias: false)) { Slides = Config.Slides(index) };
    }

    protected override FeedForward BuildFeedForward(Place place, int index) => new GatedFeedForward(
        new Linear(place.At("gate_up_proj"), 2L * Config.IntermediateSize, Config.HiddenSize, "intermediate_size", bias: false),
        new Linear(place.At("down_proj"), Config.HiddenSize, Config.IntermediateSize, "intermediate_size", bias: false),
        Config.Activation);
}
