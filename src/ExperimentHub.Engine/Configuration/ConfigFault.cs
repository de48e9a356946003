using System.Text.Json.Nodes;

namespace ExperimentHub.Engine.Configuration;

/// <summary>
/// One thing that is wrong with a configuration, at its field. <see cref="Code"/> and <see cref="Arguments"/> let a page say
/// <see cref="Message"/> in the reader's language (resource <c>Error_{code}</c>); <see cref="Suggestion"/> is a value that would do.
/// </summary>
public sealed record ConfigFault(string Field, string Code, string Message, IReadOnlyList<object> Arguments, JsonNode? Suggestion = null);
