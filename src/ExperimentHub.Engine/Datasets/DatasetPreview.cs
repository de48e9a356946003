namespace ExperimentHub.Engine.Datasets;

/// <summary>Result of <c>inspect_dataset</c>: what the file seems to be, why, and what it would become.</summary>
public sealed record DatasetPreview
{
    public required string FileName { get; init; }

    public required long SourceBytes { get; init; }

    /// <summary>Rows of the part that was looked at; all rows if <see cref="Whole"/>.</summary>
    public required long Rows { get; init; }

    public required long ProblemRows { get; init; }

    /// <summary>False when only the beginning of the file was looked at.</summary>
    public required bool Whole { get; init; }

    /// <summary>How it would be read: every field filled in. Given back with changes, it is what the import uses.</summary>
    public required SourceFormat Source { get; init; }

    /// <summary>Keys <c>format</c>, <c>encoding</c>, <c>delimiter</c>, <c>quoted</c>, <c>header</c>, <c>task</c>, <c>split</c>.</summary>
    public required IReadOnlyDictionary<string, Guess> Guesses { get; init; }

    public required string Task { get; init; }

    public required IReadOnlyList<PreviewColumn> Columns { get; init; }

    /// <summary>The first rows, damaged ones among them.</summary>
    public required IReadOnlyList<PreviewRow> Preview { get; init; }

    /// <summary>The first problems; <see cref="ProblemRows"/> counts all.</summary>
    public required IReadOnlyList<RowProblem> Problems { get; init; }

    /// <summary>Labels with their rows, in the order of their ids.</summary>
    public IReadOnlyDictionary<string, long> LabelCounts { get; init; } = new Dictionary<string, long>();

    public LengthHistogram? Lengths { get; init; }

    public required SplitSettings Split { get; init; }

    public IReadOnlyList<Warning> Warnings { get; init; } = [];
}

/// <summary>A column with its guessed use.</summary>
public sealed record PreviewColumn(string Name, string Type, string Role, Guess Why)
{
    /// <summary>A few different values, cut.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    public long Missing { get; init; }

    /// <summary>Different values; null when they are too many to count.</summary>
    public int? Different { get; init; }

    /// <summary>Mean length in UTF-16 units.</summary>
    public double MeanLength { get; init; }
}

/// <summary>One of the first rows: its cells, or its problem.</summary>
public sealed record PreviewRow(long Line, IReadOnlyList<string?> Cells, RowProblem? Problem = null);
