using System.Text.Json.Nodes;

namespace ExperimentHub.Engine.Models;

/// <summary>What the descendants of BERT have in common, under the names that BERT's <c>config.json</c> gives it.</summary>
public abstract record EncoderConfig : ModelConfig
{
    private protected EncoderConfig() => (VocabSize, HiddenSize, Layers, Heads, IntermediateSize, MaxPositions) = (30522, 768, 12, 12, 3072, 512);

    /// <exception cref="InputException">A field cannot be.</exception>
    private protected EncoderConfig(ConfigFields fields)
        : base(fields) => (VocabSize, HiddenSize, Layers, Heads, IntermediateSize, MaxPositions) = (30522, 768, 12, 12, 3072, 512);

    public string Activation { get; init; } = "gelu";

    public double HiddenDropout { get; init; } = 0.1;

    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>Dropout before a classification head.</summary>
    public double HeadDropout => ClassifierDropout ?? HiddenDropout;

    /// <summary>Null: <see cref="HiddenDropout"/>.</summary>
    public double? ClassifierDropout { get; init; }

    public int TypeVocabSize { get; init; } = 2;

    public double LayerNormEpsilon { get; init; } = 1e-12;

    /// <summary>The fields by BERT's names; the defaults are those of Hugging Face's <c>BertConfig</c> unless <paramref name="defaults"/> says otherwise.</summary>
    private protected static T Read<T>(ConfigFields fields, T defaults)
        where T : EncoderConfig
    {
        var config = defaults with
        {
            VocabSize = fields.Integer("vocab_size", 1, LargestVocabulary, defaults.VocabSize),
            HiddenSize = fields.Integer("hidden_size", 1, LargestWidth, defaults.HiddenSize),
            Layers = fields.Integer("num_hidden_layers", 1, 512, defaults.Layers),
            Heads = fields.Integer("num_attention_heads", 1, 1024, defaults.Heads),
            IntermediateSize = fields.Integer("intermediate_size", 1, 131_072, defaults.IntermediateSize),
            Activation = ReadActivation(fields, "hidden_act", defaults.Activation),
            HiddenDropout = fields.Number("hidden_dropout_prob", 0, 0.999, defaults.HiddenDropout),
            AttentionDropout = fields.Number("attention_probs_dropout_prob", 0, 0.999, defaults.AttentionDropout),
            ClassifierDropout = fields.Has("classifier_dropout") ? fields.Number("classifier_dropout", 0, 0.999, 0.1) : defaults.ClassifierDropout,
            MaxPositions = fields.Integer("max_position_embeddings", 1, 1 << 20, defaults.MaxPositions),
            TypeVocabSize = fields.Integer("type_vocab_size", 1, 1024, defaults.TypeVocabSize),
            InitializerRange = fields.Number("initializer_range", 0, 10, 0.02),
            LayerNormEpsilon = fields.Number("layer_norm_eps", 1e-30, 0.1, defaults.LayerNormEpsilon),
            PadTokenId = fields.Integer("pad_token_id", 0, int.MaxValue, defaults.PadTokenId),
        };
        config.CheckSizes(fields, "hidden_size", "num_attention_heads");
        config.CheckPadding(fields);
        return fields.Text("position_embedding_type", "absolute") is var positions and not "absolute"
            ? throw fields.Fault("position_embedding_type", $"is {InputException.Quote(positions)}; only absolute positions are known")
            : config;
    }

    private protected override void Describe(JsonObject json)
    {
        json["hidden_size"] = HiddenSize;
        json["num_hidden_layers"] = Layers;
        json["num_attention_heads"] = Heads;
        json["intermediate_size"] = IntermediateSize;
        json["hidden_act"] = Activation;
        json["hidden_dropout_prob"] = HiddenDropout;
        json["attention_probs_dropout_prob"] = AttentionDropout;
        json["classifier_dropout"] = ClassifierDropout;
        json["max_position_embeddings"] = MaxPositions;
        json["type_vocab_size"] = TypeVocabSize;
        json["initializer_range"] = InitializerRange;
        json["layer_norm_eps"] = LayerNormEpsilon;
        json["pad_token_id"] = PadTokenId;
        json["position_embedding_type"] = "absolute";
    }
}
