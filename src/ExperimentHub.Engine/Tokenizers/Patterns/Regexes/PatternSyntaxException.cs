namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>A regular expression that is wrong, or uses what is not known here; the message names it.</summary>
internal sealed class PatternSyntaxException(string message) : Exception(message);
