using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>What <c>config.json</c> says of a Gemma 3 without images. Defaults are those of Hugging Face's <c>Gemma3TextConfig</c>.</summary>
public sealed record Gemma3Config : RotaryDecoderConfig
{
    public Gemma3Config()
    {
    }

    private Gemma3Config(ConfigFields fields)
        : base(fields)
    {
    }

    public override string Family => "gemma3_text";

    /// <summary>Scores are divided by its root.</summary>
    public double QueryScalar { get; init; } = 256;

    /// <summary>Rotary positions of the layers that slide.</summary>
    internal RotarySettings WindowRotary { get; init; } = new();

    private IReadOnlyList<bool> LayersThatSlide { get; init; } = [];

    public override bool Slides(int layer) => LayersThatSlide.ElementAtOrDefault(layer);

    /// <exception cref="InputException">A field cannot be, or asks for what this family's text models do not use.</exception>
    internal static Gemma3Config Read(ConfigFields fields)
    {
        var defaults = new Gemma3Config(fields)
        {
            VocabSize = 262_208,
            HiddenSize = 2304,
            IntermediateSize = 9216,
            Layers = 26,
            Heads = 8,
            MaxPositions = 131_072,
            OwnHeadSize = 256,
            PaddingRow = 0,
            TiesWordEmbeddings = true,
        };
        foreach (var name in (string[])["attn_logit_softcapping", "final_logit_softcapping"])
        {
            if (fields.Has(name))
            {
                throw fields.Fault(name, "is set; scores that are capped are not supported, and Gemma 3 has none");
            }
        }

        if (fields.Flag("use_bidirectional_attention", false))
        {
            throw fields.Fault("use_bidirectional_attention", "is true; only models that read from left to right are supported");
        }

        var config = Read(fields, defaults, theta: 1_000_000, groups: 4);
        var pattern = fields.Integer("sliding_window_pattern", 1, 512, 6);
        return config with
        {
            Activation = ReadActivation(fields, "hidden_activation", "gelu_pytorch_tanh"),
            AttentionBias = fields.Flag("attention_bias", false),
            QueryScalar = fields.Number("query_pre_attn_scalar", 1e-6, 1e9, 256),
            SlidingWindow = fields.Integer("sliding_window", 1, int.MaxValue, 4096),
            Rotary = RotarySettings.Read(fields, config.MaxPositions, 1_000_000, "full_attention"),
            WindowRotary = fields.Has("rope_parameters")
                ? RotarySettings.Read(fields, config.MaxPositions, 10_000, "sliding_attention")
                : new RotarySettings { Theta = fields.Number("rope_local_base_freq", 1, 1e12, 10_000), OriginalLength = config.MaxPositions },
            LayersThatSlide = LayerTypes(fields, config.Layers) ?? [.. Enumerable.Range(1, config.Layers).Select(i => i % pattern != 0)],
        };
    }
}

/// <summary>
/// Gemma 3 (Gemma Team 2025): four normalisations a layer, whose weights are kept as their distance from 1; most layers see a window and
/// turn faster; word vectors are scaled by √C.
/// </summary>
internal sealed class Gemma3(Gemma3Config config, ModelHead head) : RotaryDecoder(config, head)
{
    private readonly RotaryEmbedding _windowRotary = new(config.WindowRotary, config.HeadSize);

    protected override DecoderLayer BuildLayer(Place place, int index)
    {
        return new Layer(
            Norm("input_layernorm"), BuildAttention(place.At("self_attn"), index), Norm("post_attention_layernorm"),
            Norm("pre_feedforward_layernorm"), BuildFeedForward(place.At("mlp"), index), Norm("post_feedforward_layernorm"));

        DecoderNorm Norm(string name) => BuildNorm(place.At(name), Config.HiddenSize);
    }

    protected override GroupedAttention BuildAttention(Place place, int index) => new(index, Config, Projection(place, Config.AttentionBias), Output(place, Config.AttentionBias))
    {
        QueryNorm = BuildNorm(place.At("q_norm"), Config.HeadSize),
        KeyNorm = BuildNorm(place.At("k_norm"), Config.HeadSize),
        Scale = 1 / Math.Sqrt(((Gemma3Config)Config).QueryScalar),
        Slides = Config.Slides(index),
    };

    protected override DecoderNorm BuildNorm(Place place, int width) => new Norm(place, width, Config.NormEpsilon);

    public override Tensor Words(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var words = base.Words(ids);
        return (words * tensor(Math.Sqrt(Config.HiddenSize), words.dtype, words.device)).MoveToOuterDisposeScope();
    }

    protected override (RotaryTable? All, RotaryTable? Window) Turn(Tensor positions, long length) =>
        (base.Turn(positions, length).All, _windowRotary.At(positions, length, Precision));

    public override (StepAngles? All, StepAngles? Window) Turn(ReadOnlySpan<int> positions, long length) =>
        (base.Turn(positions, length).All, _windowRotary.At(positions, length));

    /// <summary>The weights are kept as their distance from 1, and all is computed in 32 bits.</summary>
    private sealed class Norm(Place place, int width, double epsilon) : DecoderNorm
    {
        private readonly Weight _weight = place.Add("weight", [width], "hidden_size", Initialisation.Zero);

        public override Tensor Forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var wide = x.to(ScalarType.Float32);
            var normalised = wide * (wide.square().mean([-1], keepdim: true) + epsilon).rsqrt();
            return (normalised * (1 + _weight.Value.to(ScalarType.Float32))).to(x.dtype).MoveToOuterDisposeScope();
        }

        public override StepNorm ToStep() => new(_weight.Value, null, epsilon, offset: 1);
    }

    /// <summary>What attention and feed-forward answer is normalised before it is added.</summary>
    private sealed class Layer(DecoderNorm input, GroupedAttention attention, DecoderNorm attended, DecoderNorm before, FeedForward feedForward, DecoderNorm after) : DecoderLayer
    {
        public override Tensor Forward(Tensor x, DecoderPass pass)
        {
            using var scope = NewDisposeScope();
            x += attended.Forward(attention.Forward(input.Forward(x), pass));
            return (x + after.Forward(feedForward.Forward(before.Forward(x), pass))).MoveToOuterDisposeScope();
        }

        public override StepLayer? ToStep() =>
            attention.ToStep() is { } attends && feedForward.ToStep() is { } feeds ? new Step(input.ToStep(), attends, attended.ToStep(), before.ToStep(), feeds, after.ToStep()) : null;
    }

    private sealed unsafe class Step(StepNorm input, GroupedAttentionStep attention, StepNorm attended, StepNorm before, StepTransform feedForward, StepNorm after) : StepLayer
    {
        public override int Widest => Math.Max(attention.Widest, feedForward.Widest);

        public override void Run(StepState state, int width)
        {
            input.Normalise(state.Hidden, state.Room(0), state.Rows, width);
            attention.Run(state, state.Room(0), state.Room(3), adds: false);
            attended.Normalise(state.Room(3), state.Room(3), state.Rows, width);
            Add(state.Room(3), state.Hidden, state.Rows * width);
            before.Normalise(state.Hidden, state.Room(0), state.Rows, width);
            feedForward.Run(state, state.Room(0), state.Room(3), state.Rows, adds: false);
            after.Normalise(state.Room(3), state.Room(3), state.Rows, width);
            Add(state.Room(3), state.Hidden, state.Rows * width);
        }

        private static void Add(float* x, float* sum, int count)
        {
            for (var i = 0; i < count; i++)
            {
                sum[i] += x[i];
            }
        }
    }
}
