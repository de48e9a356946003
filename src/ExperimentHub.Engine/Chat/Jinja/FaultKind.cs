namespace ExperimentHub.Engine.Chat.Jinja;

internal enum FaultKind
{
    Syntax,
    Runtime,

    /// <summary>The template itself said so, by <c>raise_exception</c>.</summary>
    Raised,
    Limit,
}
