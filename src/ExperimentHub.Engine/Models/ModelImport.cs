namespace ExperimentHub.Engine.Models;

/// <summary>Settings of the job <c>import_model</c>, beside the header of its run.json. Its result is the <see cref="ModelInfo"/> of what is in the store.</summary>
public sealed record ModelImport
{
    public const string FromFolder = "folder";
    public const string FromArchive = "archive";
    public const string FromStarter = "starter";
    public const string FromHub = "hub";

    /// <summary><c>folder</c>, <c>archive</c> (zip, tar, tar.gz), <c>starter</c> (the model that comes with the product), or <c>hub</c> (a model hub).</summary>
    public required string From { get; init; }

    /// <summary>Absolute path of the folder or the archive; written by the hub, or by hand. Not used by <c>starter</c> and <c>hub</c>.</summary>
    public string? Path { get; init; }

    /// <summary>What the person calls the archive, for messages; null: its name on this machine.</summary>
    public string? FileName { get; init; }

    /// <summary>From a hub: <c>owner/name</c>.</summary>
    public string? Repository { get; init; }

    /// <summary>From a hub: a branch, a tag or a commit; null: main.</summary>
    public string? Revision { get; init; }

    /// <summary>
    /// From a hub: its address; null: Hugging Face's own. The token is not among these settings, which lie in files and in the database: a worker
    /// finds it in its environment (<c>HF_TOKEN</c>).
    /// </summary>
    public string? Endpoint { get; init; }

    /// <summary>Name of the model; null: from the file's or the folder's.</summary>
    public string? Name { get; init; }
}

/// <summary>Settings of the job <c>create_model</c>: a model from scratch. Its result is the <see cref="ModelInfo"/>.</summary>
public sealed record ModelCreation
{
    public required string Name { get; init; }

    /// <summary><c>model_type</c> of one of <see cref="Presets.FamilyPresets.All"/>.</summary>
    public string Family { get; init; } = "bert";

    /// <summary>A size of the family: <c>tiny</c>, <c>mini</c>, <c>small</c> or <c>base</c>.</summary>
    public string Preset { get; init; } = "mini";

    /// <summary>A trained tokenizer, or a model that has one, by content hash; null: one is learned from <see cref="Dataset"/>.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Data set, by content hash, whose training texts make the vocabulary; not read with <see cref="Tokenizer"/>.</summary>
    public string? Dataset { get; init; }

    /// <summary>Tokens wanted, special ones included; 0: the preset's own.</summary>
    public int VocabularySize { get; init; } = 8000;

    /// <summary>Where words are cut as BERT does: lower-case the texts and strip accents, as its uncased models do.</summary>
    public bool Lowercase { get; init; } = true;

    /// <summary>Decides the weights.</summary>
    public long Seed { get; init; } = 42;
}
