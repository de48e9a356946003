namespace ExperimentHub.Engine.Datasets;

/// <summary>
/// What a person chose for a file, as <c>run.json</c> of the jobs <c>inspect_dataset</c> and <c>import_dataset</c> holds it beside the
/// header. Whatever is null is guessed from the file.
/// </summary>
public sealed record DatasetImport
{
    /// <summary>Absolute path of the upload; written by the hub, or by hand.</summary>
    public required string File { get; init; }

    /// <summary>The name it was uploaded with.</summary>
    public required string FileName { get; init; }

    /// <summary>Name of the data set; null: from the file's.</summary>
    public string? Name { get; init; }

    public SourceFormat Source { get; init; } = new();

    public string? Task { get; init; }

    /// <summary>Column with the text; null: guessed.</summary>
    public string? TextColumn { get; init; }

    /// <summary>Column with the second text; null: guessed; empty: none.</summary>
    public string? TextPairColumn { get; init; }

    /// <summary>Column with the label; null: guessed; empty: none.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Columns that are not imported.</summary>
    public IReadOnlyList<string> LeaveOut { get; init; } = [];

    /// <summary>Null: by the file's own column when it has one, else stratified 80/10/10.</summary>
    public SplitSettings? Split { get; init; }
}
