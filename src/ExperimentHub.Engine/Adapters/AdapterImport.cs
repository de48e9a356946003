namespace ExperimentHub.Engine.Adapters;

/// <summary>A model of the store that may be the base of an adapter.</summary>
public sealed record AdapterBaseChoice(string Hash, string Name);

/// <summary>Settings of the job <c>import_adapter</c>, beside the header of its run.json. Its result is the <see cref="AdapterInfo"/> of what is in the store.</summary>
public sealed record AdapterImport
{
    /// <summary>Absolute path of an archive (zip, tar, tar.gz) or a folder.</summary>
    public required string Path { get; init; }

    /// <summary>What the person calls the archive, for messages; null: its name on this machine.</summary>
    public string? FileName { get; init; }

    public string Name { get; init; } = "";

    /// <summary>Content hash of the base; null: one of <see cref="Choices"/>, by the name that the adapter's file says, or the only one that it fits.</summary>
    public string? Base { get; init; }

    public IReadOnlyList<AdapterBaseChoice> Choices { get; init; } = [];
}

/// <summary>Settings of the job <c>merge_adapter</c>. Its result is the <see cref="Models.ModelInfo"/> of the model that comes out.</summary>
public sealed record AdapterMerge
{
    public required string Name { get; init; }

    /// <summary>Adapter and base, by content hash.</summary>
    public required string Adapter { get; init; }

    public required string Base { get; init; }
}
