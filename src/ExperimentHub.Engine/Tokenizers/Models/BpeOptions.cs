namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>What a BPE model says beside its vocabulary and merges. Its dropout is for training, and not applied here.</summary>
internal sealed record BpeOptions
{
    internal string? UnknownToken { get; init; }

    /// <summary>Written before every symbol of a word but the first.</summary>
    internal string Prefix { get; init; } = "";

    /// <summary>Written after the last symbol of a word.</summary>
    internal string Suffix { get; init; } = "";

    /// <summary>Unknown characters in a row make one unknown token.</summary>
    internal bool FuseUnknown { get; init; }

    /// <summary>Unknown characters become their bytes, <c>&lt;0xE4&gt;</c>.</summary>
    internal bool ByteFallback { get; init; }

    /// <summary>A word that is in the vocabulary is taken whole.</summary>
    internal bool IgnoreMerges { get; init; }
}
