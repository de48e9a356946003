namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Cuts a normalised text into the pieces of a SentencePiece model, without a gap.</summary>
internal abstract class PieceSegmenter
{
    internal abstract List<Segment> Segment(string text);

    /// <summary>Whether text is ever cut into pieces of this type; the others are only asked for by id.</summary>
    protected static bool IsText(SentencePieceType type) => type is SentencePieceType.Normal or SentencePieceType.UserDefined or SentencePieceType.Unused;

    /// <summary>UTF-16 units of the character at a place.</summary>
    protected static int CharacterLength(ReadOnlySpan<char> text, int at) => at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
}
