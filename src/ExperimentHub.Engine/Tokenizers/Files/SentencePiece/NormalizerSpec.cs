using ExperimentHub.Engine.Tokenizers.Normalizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>How a SentencePiece model wants text to be written, with the defaults of the file format.</summary>
internal sealed record NormalizerSpec
{
    internal PrecompiledMap? CharacterMap { get; init; }

    /// <summary>A space is put before the text, so that a word is the same at its start and inside it.</summary>
    internal bool AddDummyPrefix { get; init; } = true;

    /// <summary>Spaces at both ends go, and of several in a row one stays.</summary>
    internal bool RemoveExtraWhitespaces { get; init; } = true;

    /// <summary>A space is written as <c>▁</c>.</summary>
    internal bool EscapeWhitespaces { get; init; } = true;
}
