namespace ExperimentHub.Engine.Chat.Jinja;

/// <summary>Why a template could not be read or rendered; <see cref="Line"/> is 0 until it is known.</summary>
internal sealed class TemplateFault(FaultKind kind, string message, int line = 0) : Exception(message)
{
    public FaultKind Kind { get; } = kind;

    public int Line { get; set; } = line;

    public static TemplateFault Syntax(string message, int line) => new(FaultKind.Syntax, message, line);

    /// <summary>What Python would raise: a wrong type, an undefined value, an attribute that the sandbox forbids.</summary>
    public static TemplateFault Runtime(string message) => new(FaultKind.Runtime, message);

    public static TemplateFault Limit(string message) => new(FaultKind.Limit, message);
}
