using System.Text.Json;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Datasets;

/// <summary><c>info.json</c> beside <c>rows.parquet</c>: everything about a data set that is not a row. Immutable, as the rows are.</summary>
public sealed record DatasetInfo
{
    public const string InfoFileName = "info.json";

    public const string RowsFileName = "rows.parquet";

    public const string ProblemsFileName = "problems.jsonl";

    public required string Hash { get; init; }

    /// <summary>A name for people; the hub's own row may hold another one.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the uploaded file: text, never a path to open.</summary>
    public required string FileName { get; init; }

    public required string SourceHash { get; init; }

    public required long SourceBytes { get; init; }

    public required long Rows { get; init; }

    /// <summary>Rows kept aside in <c>problems.jsonl</c>; with <see cref="Rows"/> they are all rows of the file.</summary>
    public required long ProblemRows { get; init; }

    /// <summary>The file's own columns in order, as <c>rows.parquet</c> has them after <c>_row</c>, <c>_line</c> and <c>_split</c>.</summary>
    public required IReadOnlyList<DatasetColumn> Columns { get; init; }

    public required string Task { get; init; }

    public string? TextColumn { get; init; }

    public string? TextPairColumn { get; init; }

    public string? LabelColumn { get; init; }

    /// <summary>Class names; the index is the class id.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Rows of each label.</summary>
    public IReadOnlyDictionary<string, long> LabelCounts { get; init; } = new Dictionary<string, long>();

    /// <summary>Rows of <c>train</c>, <c>validation</c> and <c>test</c>.</summary>
    public required IReadOnlyDictionary<string, long> SplitCounts { get; init; }

    public required SplitSettings Split { get; init; }

    /// <summary>Lengths of the text column in UTF-16 units.</summary>
    public LengthHistogram? Lengths { get; init; }

    /// <summary>How the file was read; enough to repeat the import.</summary>
    public required SourceFormat Source { get; init; }

    /// <summary>What a person should know though the import went well.</summary>
    public IReadOnlyList<Warning> Warnings { get; init; } = [];

    public DateTimeOffset Created { get; init; }

    /// <exception cref="InputException">The folder holds no data set.</exception>
    public static DatasetInfo Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<DatasetInfo>(File.ReadAllBytes(Path.Combine(folder, InfoFileName)), WireJson.Options) ?? throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException("The data set is not in the store (info.json is missing or damaged); import the file again.", "dataset.missing");
        }
    }
}

/// <summary>A column as it is stored.</summary>
/// <param name="Name">As in the file.</param>
/// <param name="Type"><c>string</c>, <c>int64</c>, <c>double</c> or <c>bool</c>.</param>
/// <param name="Role"><c>text</c>, <c>text_pair</c>, <c>label</c>, <c>split</c> or <c>other</c>.</param>
public sealed record DatasetColumn(string Name, string Type, string Role);

public static class ColumnTypes
{
    public const string Text = "string";
    public const string Integer = "int64";
    public const string Number = "double";
    public const string Flag = "bool";
}

public static class ColumnRoles
{
    public const string Text = "text";
    public const string TextPair = "text_pair";
    public const string Label = "label";
    public const string Split = "split";
    public const string Other = "other";

    /// <summary>Left out of the import.</summary>
    public const string None = "none";
}

/// <summary>The names of the splits, in the order of their numbers.</summary>
public static class SplitNames
{
    public const string Train = "train";
    public const string Validation = "validation";
    public const string Test = "test";

    public static IReadOnlyList<string> All { get; } = [Train, Validation, Test];
}

/// <summary>How rows are dealt out to train, validation and test.</summary>
public sealed record SplitSettings
{
    /// <summary><c>stratified</c> (each label in the same shares), <c>random</c>, or <c>column</c> (the file says it).</summary>
    public string Kind { get; init; } = "stratified";

    public double Train { get; init; } = 0.8;

    public double Validation { get; init; } = 0.1;

    public double Test { get; init; } = 0.1;

    public long Seed { get; init; } = 42;

    /// <summary>The column of the kind <c>column</c>.</summary>
    public string? Column { get; init; }
}

/// <summary>How many texts have a length below each bound; <see cref="Counts"/> has one more entry, for those above the last bound.</summary>
public sealed record LengthHistogram
{
    public required IReadOnlyList<int> Bounds { get; init; }

    public required IReadOnlyList<long> Counts { get; init; }

    public required double Mean { get; init; }

    public required int Longest { get; init; }
}

/// <summary>How a file is to be read; a null is guessed from its content.</summary>
public sealed record SourceFormat
{
    /// <summary><c>csv</c> (any delimiter), <c>json</c> (a list of objects) or <c>jsonl</c>.</summary>
    public string? Format { get; init; }

    /// <summary><c>utf-8</c>, <c>utf-16le</c>, <c>utf-16be</c> or <c>gb18030</c>.</summary>
    public string? Encoding { get; init; }

    /// <summary>One character.</summary>
    public string? Delimiter { get; init; }

    /// <summary>Whether double quotes enclose cells (RFC 4180) or mean nothing.</summary>
    public bool? Quoted { get; init; }

    /// <summary>Whether the first record holds the names of the columns.</summary>
    public bool? Header { get; init; }
}
