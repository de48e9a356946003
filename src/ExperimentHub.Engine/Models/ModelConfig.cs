using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Models;

/// <summary>
/// What <c>config.json</c> says of a model, checked: what every family has. What a family does not look at is kept and written again.
/// </summary>
public abstract record ModelConfig
{
    private protected const int LargestWidth = 16_384;
    private protected const int LargestVocabulary = 4_000_000;

    private static readonly string[] s_types = ["float32", "float16", "bfloat16", "float64"];

    private readonly JsonObject? _source;

    private protected ModelConfig()
    {
    }

    /// <exception cref="InputException">A field cannot be.</exception>
    private protected ModelConfig(ConfigFields fields)
    {
        _source = fields.Source;
        Labels = ReadLabels(fields);
        ProblemType = fields.Text("problem_type");
        Architectures = fields.Texts("architectures");
        NamesForeignCode = fields.Has("auto_map");
        TiesWordEmbeddings = fields.Flag("tie_word_embeddings", true);
        foreach (var name in (string[])["torch_dtype", "dtype"])
        {
            if (fields.Text(name, "float32") is var type && !s_types.Contains(type))
            {
                throw fields.Fault(name, $"is {InputException.Quote(type)}; known are {string.Join(", ", s_types)}");
            }
        }
    }

    /// <summary><c>model_type</c> of Hugging Face.</summary>
    public abstract string Family { get; }

    public int VocabSize { get; init; }

    public int HiddenSize { get; init; }

    public int Layers { get; init; }

    public int Heads { get; init; }

    public int IntermediateSize { get; init; }

    /// <summary>Places that the model can tell apart.</summary>
    public int MaxPositions { get; init; }

    public double InitializerRange { get; init; } = 0.02;

    /// <summary>The token that fills rows up; 0 where the file names none.</summary>
    public int PadTokenId { get; init; }

    public bool TiesWordEmbeddings { get; init; } = true;

    /// <summary>Class names in the order of their ids; null when the configuration names none.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    public string? ProblemType { get; init; }

    /// <summary>Classes of transformers, such as <c>BertForMaskedLM</c>.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = [];

    /// <summary>The code that <c>auto_map</c> names is never run; a page says so.</summary>
    public bool NamesForeignCode { get; init; }

    /// <summary>What the file calls <see cref="Layers"/>, for messages.</summary>
    public virtual string LayersSetting => "num_hidden_layers";

    public virtual int HeadSize => HiddenSize / Heads;

    /// <summary>Longest input in tokens.</summary>
    public virtual int MaxLength => MaxPositions;

    /// <summary>The configuration of a folder, by the family that its <c>model_type</c> names.</summary>
    /// <exception cref="InputException">There is none, its family is not known, or a field cannot be.</exception>
    public static ModelConfig Read(string folder) => Of(ConfigFields.Read(folder));

    internal static ModelConfig Of(ConfigFields fields) => ModelFamily.Of(fields).ReadConfig(fields);

    /// <summary>A <c>config.json</c> that Hugging Face opens, for weights saved in 32 bits: the fields that were read, with what has changed since.</summary>
    /// <param name="folder">Where it is written.</param>
    /// <param name="untied">True: the head has numbers of its own, whatever the file said that was read.</param>
    public void Write(string folder, bool untied = false)
    {
        var json = (JsonObject?)_source?.DeepClone() ?? [];
        json["architectures"] = new JsonArray([.. Architectures.Select(a => (JsonNode)a)]);
        json["model_type"] = Family;
        json["vocab_size"] = VocabSize;
        if (_source is null)
        {
            Describe(json);
        }

        // The newer name or the older one, whichever the file had, in its place.
        json[json.ContainsKey("dtype") ? "dtype" : "torch_dtype"] = "float32";
        if (Labels is not null)
        {
            json.Remove("num_labels");
            json["id2label"] = new JsonObject(Labels.Select((label, id) => KeyValuePair.Create(id.ToString(System.Globalization.CultureInfo.InvariantCulture), (JsonNode?)label)));
            json["label2id"] = new JsonObject(Labels.Select((label, id) => KeyValuePair.Create(label, (JsonNode?)id)));
        }

        if (untied)
        {
            json["tie_word_embeddings"] = false;
        }

        if (ProblemType is not null)
        {
            json["problem_type"] = ProblemType;
        }

        AtomicFile.WriteAllText(Path.Combine(folder, "config.json"), json.ToJsonString(WireJson.Indented) + "\n");
    }

    /// <summary>Writes the family's own fields of a model that was made from scratch.</summary>
    private protected virtual void Describe(JsonObject json)
    {
    }

    /// <summary>The checks that every transformer's configuration must pass.</summary>
    private protected void CheckSizes(ConfigFields fields, string hiddenSize, string heads)
    {
        if (HiddenSize % Heads != 0)
        {
            throw fields.Fault(heads, $"is {Heads}, of which {hiddenSize} {HiddenSize} is not a multiple");
        }
    }

    private protected void CheckPadding(ConfigFields fields)
    {
        if (PadTokenId >= VocabSize)
        {
            throw fields.Fault("pad_token_id", $"is {PadTokenId}, outside the vocabulary of {VocabSize}");
        }
    }

    private protected static string ReadActivation(ConfigFields fields, string name, string whenMissing)
    {
        var activation = fields.Text(name, whenMissing)!;
        return Models.Layers.Activation.Names.Contains(activation)
            ? activation
            : throw fields.Fault(name, $"is {InputException.Quote(activation)}; known are {string.Join(", ", Models.Layers.Activation.Names)}");
    }

    /// <summary>Older files give a number of labels without their names.</summary>
    private static IReadOnlyList<string>? ReadLabels(ConfigFields fields)
    {
        const int MostLabels = 100_000;
        return fields.NumberedTexts("id2label")
            ?? (fields.Has("num_labels") ? [.. Enumerable.Range(0, fields.Integer("num_labels", 1, MostLabels, 2)).Select(i => $"LABEL_{i}")] : null);
    }
}
