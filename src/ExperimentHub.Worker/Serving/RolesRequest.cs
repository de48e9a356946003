using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Worker;

/// <summary><c>POST /roles</c>: what a model over a tokenizer must know of it.</summary>
internal sealed record RolesRequest
{
    /// <summary>The tokenizer by content hash.</summary>
    public string? Model { get; init; }

    public static TokenizerRoles Answer(Tokenizer tokenizer) => TokenizerRoles.Of(tokenizer);
}
