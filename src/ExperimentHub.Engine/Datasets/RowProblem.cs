namespace ExperimentHub.Engine.Datasets;

/// <summary>A row that was kept aside: one line of <c>problems.jsonl</c>.</summary>
public sealed record RowProblem
{
    /// <summary>1-based line of the file where the row begins.</summary>
    public required long Line { get; init; }

    /// <summary>Resource <c>Problem_{code}</c> is a format string over <see cref="Arguments"/>.</summary>
    public required string Code { get; init; }

    public required string Message { get; init; }

    public IReadOnlyList<object> Arguments { get; init; } = [];

    /// <summary>The row as it stands in the file, cut to a length that can be shown.</summary>
    public string Raw { get; init; } = "";
}
