using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Layers;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>What the Qwen families have in common: the window of their upper layers, which their models leave off.</summary>
public abstract record QwenConfig : RotaryDecoderConfig
{
    private protected QwenConfig() => (VocabSize, IntermediateSize, MaxPositions) = (151_936, 22_016, 32_768);

    /// <exception cref="InputException">A field cannot be.</exception>
    private protected QwenConfig(ConfigFields fields)
        : base(fields) => (VocabSize, IntermediateSize, MaxPositions, TiesWordEmbeddings) = (151_936, 22_016, 32_768, false);

    private IReadOnlyList<bool>? LayersThatSlide { get; init; }

    private protected int FirstSliding { get; init; }

    public override bool Slides(int layer) => SlidingWindow is not null && (LayersThatSlide?[layer] ?? layer >= FirstSliding);

    private protected static T ReadQwen<T>(ConfigFields fields, T defaults, int groups = 32)
        where T : QwenConfig
    {
        var config = Read(fields, defaults, groups: groups);
        var slides = fields.Flag("use_sliding_window", false) && fields.Has("sliding_window");
        return config with
        {
            SlidingWindow = slides ? fields.Integer("sliding_window", 1, int.MaxValue, 4096) : null,
            FirstSliding = fields.Integer("max_window_layers", 0, int.MaxValue, 28),
            LayersThatSlide = LayerTypes(fields, config.Layers),
        };
    }
}

/// <summary>What <c>config.json</c> says of a Qwen 2 or 2.5. Defaults are those of Hugging Face's <c>Qwen2Config</c>.</summary>
public sealed record Qwen2Config : QwenConfig
{
    public Qwen2Config()
    {
    }

    private Qwen2Config(ConfigFields fields)
        : base(fields)
    {
    }

    public override string Family => "qwen2";

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static Qwen2Config Read(ConfigFields fields) => ReadQwen(fields, new Qwen2Config(fields));
}

/// <summary>Qwen 2 and 2.5 (Yang et al. 2024): Llama with biases on query, key and value, and none on the output.</summary>
internal sealed class Qwen2(Qwen2Config config, ModelHead head) : RotaryDecoder(config, head)
{
    protected override GroupedAttention BuildAttention(Place place, int index) =>
        new(index, Config, Projection(place, bias: true), Output(place, bias: false)) { Slides = Config.Slides(index) };
}
