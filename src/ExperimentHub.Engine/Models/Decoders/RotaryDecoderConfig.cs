using System.Text.Json.Nodes;
using ExperimentHub.Engine.Models.Layers;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>What Llama's descendants have in common, under the names that Llama's <c>config.json</c> gives it.</summary>
public abstract record RotaryDecoderConfig : ModelConfig
{
    private protected RotaryDecoderConfig() =>
        (VocabSize, HiddenSize, Layers, Heads, IntermediateSize, MaxPositions, TiesWordEmbeddings) = (32000, 4096, 32, 32, 11008, 2048, false);

    /// <exception cref="InputException">A field cannot be.</exception>
    private protected RotaryDecoderConfig(ConfigFields fields)
        : base(fields) => (VocabSize, HiddenSize, Layers, Heads, IntermediateSize, MaxPositions) = (32000, 4096, 32, 32, 11008, 2048);

    public int KeyValueHeads { get; init; } = 32;

    public override int HeadSize => OwnHeadSize ?? HiddenSize / Heads;

    public string Activation { get; init; } = "silu";

    public double NormEpsilon { get; init; } = 1e-6;

    public double AttentionDropout { get; init; }

    /// <summary>Query, key, value and output have biases.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>How many tokens a sliding layer sees, itself included; null: none slides.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>The row of the word embeddings that stands for padding; null: there is none.</summary>
    public int? PaddingRow { get; init; }

    internal RotarySettings Rotary { get; init; } = new();

    /// <summary><c>head_dim</c>; null: the width is shared out evenly.</summary>
    protected int? OwnHeadSize { get; init; }

    /// <summary>True where a layer sees a window alone.</summary>
    public virtual bool Slides(int layer) => SlidingWindow is not null;

    /// <summary>The fields by Llama's names; the defaults are those of Hugging Face's classes.</summary>
    /// <param name="fields">The file.</param>
    /// <param name="defaults">What holds where the file says nothing.</param>
    /// <param name="theta">The same of <c>rope_theta</c>.</param>
    /// <param name="groups">The same of <c>num_key_value_heads</c>; null: as many as heads of queries.</param>
    private protected static T Read<T>(ConfigFields fields, T defaults, double theta = 10_000, int? groups = null)
        where T : RotaryDecoderConfig
    {
        var heads = fields.Integer("num_attention_heads", 1, 1024, defaults.Heads);
        var positions = fields.Integer("max_position_embeddings", 1, 1 << 28, defaults.MaxPositions);
        var config = defaults with
        {
            VocabSize = fields.Integer("vocab_size", 1, LargestVocabulary, defaults.VocabSize),
            HiddenSize = fields.Integer("hidden_size", 1, LargestWidth, defaults.HiddenSize),
            Layers = fields.Integer("num_hidden_layers", 1, 512, defaults.Layers),
            Heads = heads,
            KeyValueHeads = fields.Integer("num_key_value_heads", 1, 1024, groups ?? heads),
            OwnHeadSize = fields.Has("head_dim") ? fields.Integer("head_dim", 1, 4096, 1) : defaults.OwnHeadSize,
            IntermediateSize = fields.Integer("intermediate_size", 1, 1 << 20, defaults.IntermediateSize),
            Activation = ReadActivation(fields, "hidden_act", defaults.Activation),
            NormEpsilon = fields.Number("rms_norm_eps", 1e-30, 0.1, defaults.NormEpsilon),
            MaxPositions = positions,
            InitializerRange = fields.Number("initializer_range", 0, 10, 0.02),
            AttentionDropout = fields.Number("attention_dropout", 0, 0.999, 0),
            TiesWordEmbeddings = fields.Flag("tie_word_embeddings", defaults.TiesWordEmbeddings),
            PadTokenId = fields.Integer("pad_token_id", 0, int.MaxValue, 0),
            PaddingRow = fields.Has("pad_token_id") ? fields.Integer("pad_token_id", 0, int.MaxValue, 0) : defaults.PaddingRow,
            Rotary = RotarySettings.Read(fields, positions, theta),
        };
        if (config.OwnHeadSize is null)
        {
            config.CheckSizes(fields, "hidden_size", "num_attention_heads");
        }

        if (config.Heads % config.KeyValueHeads != 0)
        {
            throw fields.Fault("num_key_value_heads", $"is {config.KeyValueHeads}, of which num_attention_heads {config.Heads} is not a multiple");
        }

        if ((int)(config.HeadSize * config.Rotary.Share) % 2 != 0)
        {
            throw fields.Fault("head_dim", $"is {config.HeadSize}; rotary positions turn pairs of numbers, so it must be even");
        }

        config.Rotary.Check(fields, (int)(config.HeadSize * config.Rotary.Share));
        config.CheckPadding(fields);
        return config;
    }

    /// <summary><c>layer_types</c>, which says of each layer whether it slides; null where the file has none.</summary>
    private protected static IReadOnlyList<bool>? LayerTypes(ConfigFields fields, int layers)
    {
        var types = fields.Texts("layer_types");
        if (types.Count == 0)
        {
            return null;
        }

        return types.Count != layers ? throw fields.Fault("layer_types", $"has {types.Count} entries, but there are {layers} layers")
            : [.. types.Select(t => t switch
            {
                "sliding_attention" => true,
                "full_attention" => false,
                _ => throw fields.Fault("layer_types", $"has {InputException.Quote(t)}; known are full_attention and sliding_attention"),
            })];
    }

    private protected override void Describe(JsonObject json)
    {
        json["vocab_size"] = VocabSize;
        json["hidden_size"] = HiddenSize;
        json["num_hidden_layers"] = Layers;
        json["num_attention_heads"] = Heads;
        json["num_key_value_heads"] = KeyValueHeads;
        json["head_dim"] = HeadSize;
        json["intermediate_size"] = IntermediateSize;
        json["hidden_act"] = Activation;
        json["max_position_embeddings"] = MaxPositions;
        json["initializer_range"] = InitializerRange;
        json["rms_norm_eps"] = NormEpsilon;
        json["attention_dropout"] = AttentionDropout;
        json["tie_word_embeddings"] = TiesWordEmbeddings;
        if (PaddingRow is not null)
        {
            json["pad_token_id"] = PaddingRow;
        }
    }
}
