namespace ExperimentHub.Engine.Models;

/// <summary>Parameters below one name of the module tree (<c>encoder.layer.0.attention</c>).</summary>
public sealed record ModelModule(string Name, long Parameters)
{
    public IReadOnlyList<ModelModule> Children { get; init; } = [];

    /// <summary>Element types of its tensors in the checkpoint, as in safetensors; empty in what was imported before they were noted.</summary>
    public IReadOnlyList<string> Dtypes { get; init; } = [];
}

/// <summary><c>model_info.json</c> beside the weights: what pages show and forms check without opening the model.</summary>
public sealed record ModelInfo
{
    public const string FileName = "model_info.json";

    /// <summary>The content hash under which the store holds the folder; empty until it is stored.</summary>
    public string Hash { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary><c>model_type</c> of Hugging Face.</summary>
    public required string Architecture { get; init; }

    /// <summary>One of <see cref="ModelKinds"/>.</summary>
    public string Kind { get; init; } = ModelKinds.Encoder;

    /// <summary>Tasks for which the checkpoint has a trained head.</summary>
    public IReadOnlyList<string> Heads { get; init; } = [];

    /// <summary>Class names of the classification head, in the order of their ids.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    public int HiddenSize { get; init; }

    public int Layers { get; init; }

    public int AttentionHeads { get; init; }

    public int IntermediateSize { get; init; }

    /// <summary>Longest input in tokens.</summary>
    public int MaxLength { get; init; }

    public int VocabularySize { get; init; }

    public long Parameters { get; init; }

    public required ModelModule Modules { get; init; }

    /// <summary>Element type of the weights, as in safetensors: <c>F32</c>, <c>F16</c>, <c>BF16</c>.</summary>
    public string Dtype { get; init; } = "F32";

    public long WeightBytes { get; init; }

    /// <summary><c>tokenizer.json</c> or <c>vocab.txt</c>; null when the folder has no tokenizer.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Name of the licence, as the model card or the licence file's first line says.</summary>
    public string? Licence { get; init; }

    public string? LicenceText { get; init; }

    /// <summary><c>import</c>, <c>starter</c>, <c>from_scratch</c>, <c>run</c> or <c>merge</c>.</summary>
    public string Source { get; init; } = "import";

    public DateTimeOffset Created { get; init; }

    /// <summary>What a person should know though the model works, one sentence each.</summary>
    public IReadOnlyList<Warning> Warnings { get; init; } = [];
}
