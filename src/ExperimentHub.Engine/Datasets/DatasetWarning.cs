namespace ExperimentHub.Engine.Datasets;

/// <summary>
/// What a person should know though the data can be used, in one sentence; a page says it in the reader's language by
/// <see cref="Code"/> (resource <c>Warning_{code}</c>, a format string over <see cref="Arguments"/>).
/// </summary>
public sealed record DatasetWarning(string Code, string Message, IReadOnlyList<object> Arguments)
{
    public override string ToString() => Message;
}
