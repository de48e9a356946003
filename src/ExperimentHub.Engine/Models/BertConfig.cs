using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Models;

/// <summary>What <c>config.json</c> says of a BERT encoder, checked. Defaults are those of Hugging Face's <c>BertConfig</c>.</summary>
public sealed record BertConfig
{
    public const string ModelType = "bert";

    private static readonly string[] s_activations = ["gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "swish"];
    private static readonly string[] s_types = ["float32", "float16", "bfloat16", "float64"];

    public int VocabSize { get; init; } = 30522;

    public int HiddenSize { get; init; } = 768;

    public int Layers { get; init; } = 12;

    public int Heads { get; init; } = 12;

    public int IntermediateSize { get; init; } = 3072;

    public string Activation { get; init; } = "gelu";

    public double HiddenDropout { get; init; } = 0.1;

    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>Null: <see cref="HiddenDropout"/>.</summary>
    public double? ClassifierDropout { get; init; }

    /// <summary>Longest input in tokens.</summary>
    public int MaxPositions { get; init; } = 512;

    public int TypeVocabSize { get; init; } = 2;

    public double InitializerRange { get; init; } = 0.02;

    public double LayerNormEpsilon { get; init; } = 1e-12;

    public int PadTokenId { get; init; }

    /// <summary>Class names in the order of their ids; null when the configuration names none.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    public string? ProblemType { get; init; }

    public IReadOnlyList<string> Architectures { get; init; } = [];

    /// <summary>The code that <c>auto_map</c> names is never run; a page says so.</summary>
    public bool NamesForeignCode { get; init; }

    public int HeadSize => HiddenSize / Heads;

    /// <summary>What is wrong with a <c>config.json</c>, one sentence; the limits keep a hostile file from asking for the machine's memory.</summary>
    /// <exception cref="InputException">Anything that a BERT encoder cannot have.</exception>
    public static BertConfig Read(string folder)
    {
        var fields = ConfigFields.Read(folder);
        var architectures = fields.Texts("architectures");
        var type = fields.Text("model_type") ?? throw fields.Fault("model_type", "is missing; it must say which architecture this is");
        if (type != ModelType)
        {
            throw fields.Fault("model_type", $"is {InputException.Quote(type)}; this version trains {ModelType} encoders");
        }

        var config = new BertConfig
        {
            VocabSize = fields.Integer("vocab_size", 1, 4_000_000, 30522),
            HiddenSize = fields.Integer("hidden_size", 1, 16_384, 768),
            Layers = fields.Integer("num_hidden_layers", 1, 512, 12),
            Heads = fields.Integer("num_attention_heads", 1, 1024, 12),
            IntermediateSize = fields.Integer("intermediate_size", 1, 131_072, 3072),
            Activation = fields.Text("hidden_act", "gelu")!,
            HiddenDropout = fields.Number("hidden_dropout_prob", 0, 0.999, 0.1),
            AttentionDropout = fields.Number("attention_probs_dropout_prob", 0, 0.999, 0.1),
            ClassifierDropout = fields.Has("classifier_dropout") ? fields.Number("classifier_dropout", 0, 0.999, 0.1) : null,
            MaxPositions = fields.Integer("max_position_embeddings", 1, 1 << 20, 512),
            TypeVocabSize = fields.Integer("type_vocab_size", 1, 1024, 2),
            InitializerRange = fields.Number("initializer_range", 0, 10, 0.02),
            LayerNormEpsilon = fields.Number("layer_norm_eps", 1e-30, 0.1, 1e-12),
            PadTokenId = fields.Integer("pad_token_id", 0, int.MaxValue, 0),
            Labels = fields.NumberedTexts("id2label"),
            ProblemType = fields.Text("problem_type"),
            Architectures = architectures,
            NamesForeignCode = fields.Has("auto_map"),
        };
        Check(fields, config);
        return config;
    }

    /// <summary>A <c>config.json</c> that Hugging Face opens, for weights saved in 32 bits.</summary>
    public void Write(string folder)
    {
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray([.. Architectures.Select(a => (JsonNode)a)]),
            ["model_type"] = ModelType,
            ["vocab_size"] = VocabSize,
            ["hidden_size"] = HiddenSize,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads,
            ["intermediate_size"] = IntermediateSize,
            ["hidden_act"] = Activation,
            ["hidden_dropout_prob"] = HiddenDropout,
            ["attention_probs_dropout_prob"] = AttentionDropout,
            ["classifier_dropout"] = ClassifierDropout,
            ["max_position_embeddings"] = MaxPositions,
            ["type_vocab_size"] = TypeVocabSize,
            ["initializer_range"] = InitializerRange,
            ["layer_norm_eps"] = LayerNormEpsilon,
            ["pad_token_id"] = PadTokenId,
            ["position_embedding_type"] = "absolute",
            ["torch_dtype"] = "float32",
        };
        if (Labels is not null)
        {
            json["id2label"] = new JsonObject(Labels.Select((label, id) => KeyValuePair.Create(id.ToString(System.Globalization.CultureInfo.InvariantCulture), (JsonNode?)label)));
            json["label2id"] = new JsonObject(Labels.Select((label, id) => KeyValuePair.Create(label, (JsonNode?)id)));
        }

        if (ProblemType is not null)
        {
            json["problem_type"] = ProblemType;
        }

        AtomicFile.WriteAllText(Path.Combine(folder, "config.json"), json.ToJsonString(WireJson.Indented) + "\n");
    }

    private static void Check(ConfigFields fields, BertConfig config)
    {
        if (config.HiddenSize % config.Heads != 0)
        {
            throw fields.Fault("num_attention_heads", $"is {config.Heads}, of which hidden_size {config.HiddenSize} is not a multiple");
        }

        if (!s_activations.Contains(config.Activation))
        {
            throw fields.Fault("hidden_act", $"is {InputException.Quote(config.Activation)}; known are {string.Join(", ", s_activations)}");
        }

        if (config.PadTokenId >= config.VocabSize)
        {
            throw fields.Fault("pad_token_id", $"is {config.PadTokenId}, outside the vocabulary of {config.VocabSize}");
        }

        if (fields.Text("position_embedding_type", "absolute") is var positions and not "absolute")
        {
            throw fields.Fault("position_embedding_type", $"is {InputException.Quote(positions)}; only absolute positions are known");
        }

        foreach (var name in (string[])["torch_dtype", "dtype"])
        {
            if (fields.Text(name, "float32") is var type && !s_types.Contains(type))
            {
                throw fields.Fault(name, $"is {InputException.Quote(type)}; known are {string.Join(", ", s_types)}");
            }
        }
    }
}
