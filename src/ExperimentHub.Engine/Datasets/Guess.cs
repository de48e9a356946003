namespace ExperimentHub.Engine.Datasets;

/// <summary>
/// Something found out about a file, and why: <see cref="Code"/> and <see cref="Arguments"/> let a page say <see cref="Reason"/> in the
/// reader's language (resource <c>Guess_{code}</c>, a format string over the arguments).
/// </summary>
public sealed record Guess(string? Value, string Code, string Reason, IReadOnlyList<object> Arguments)
{
    /// <summary>False when a person chose the value.</summary>
    public bool Found { get; init; } = true;
}
