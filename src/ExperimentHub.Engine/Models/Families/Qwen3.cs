using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Layers;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of a Qwen 3. Defaults are those of Hugging Face's <c>Qwen3Config</c>.</summary>
public sealed record Qwen3Config : QwenConfig
{
    public Qwen3Config()
    {
    }

    private Qwen3Config(ConfigFields fields)
        : base(fields) => OwnHeadSize = 128;

    public override string Family => "qwen3";

    /// <exception cref="InputException">A field cannot be.</exception>
    internal static Qwen3Config Read(ConfigFields fields) => ReadQwen(fields, new Qwen3Config(fields)) with { AttentionBias = fields.Flag("attention_bias", false) };
}

/// <summary>Qwen 3 (Yang et al. 2025): Llama with queries and keys normalised head by head.</summary>
internal sealed class Qwen3(Qwen3Config config, ModelHead head) : RotaryDecoder(config, head)
{
    protected override GroupedAttention BuildAttention(Place place, int index) => new(index, Config, Projection(place, Config.AttentionBias), Output(place, Config.AttentionBias))
    {
        QueryNorm = new RootMeanSquare(place.At("q_norm"), Config.HeadSize, Config.NormEpsilon, "head_dim"),
        KeyNorm = new RootMeanSquare(place.At("k_norm"), Config.HeadSize, Config.NormEpsilon, "head_dim"),
        Slides = Config.Slides(index),
    };
}
