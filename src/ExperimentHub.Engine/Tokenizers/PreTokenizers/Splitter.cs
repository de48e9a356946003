namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>A pre-tokeniser that only cuts.</summary>
internal abstract class Splitter : PreTokenizer
{
    /// <summary>Adds the pieces of <paramref name="text"/>, moved by <paramref name="offset"/>; none is empty.</summary>
    internal abstract void Split(ReadOnlySpan<char> text, int offset, List<Piece> pieces);

    internal sealed override void Apply(PreTokenizedText text)
    {
        var pieces = text.NextPieces();
        foreach (var piece in text.Pieces)
        {
            Split(text.Text.Chars[piece.Start..piece.End], piece.Start, pieces);
        }

        text.Take(pieces);
    }
}
