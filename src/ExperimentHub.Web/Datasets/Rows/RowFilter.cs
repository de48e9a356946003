namespace ExperimentHub.Web.Datasets.Rows;

/// <summary>Which rows of a data set a page shows.</summary>
public sealed record RowFilter
{
    /// <summary>Part of the text (or second text), in any case.</summary>
    public string? Search { get; init; }

    public string? Label { get; init; }

    /// <summary><c>train</c>, <c>validation</c> or <c>test</c>.</summary>
    public string? Split { get; init; }

    public bool IsEmpty => string.IsNullOrEmpty(Search) && Label is null && Split is null;
}

/// <summary>A row as it is shown: texts are cut, cells are as they are stored.</summary>
public sealed record DataRow(long Number, long Line, string Split, string? Text, string? TextPair, string? Label, int Length);
