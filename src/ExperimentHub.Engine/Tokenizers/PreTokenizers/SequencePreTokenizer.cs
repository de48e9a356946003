namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Several pre-tokenisers, each cutting the pieces of the one before.</summary>
internal sealed class SequencePreTokenizer(IReadOnlyList<PreTokenizer> steps) : PreTokenizer
{
    internal override void Split(ReadOnlySpan<char> text, int offset, List<Piece> pieces)
    {
        var current = new List<Piece> { new(0, text.Length) };
        foreach (var step in steps)
        {
            var next = new List<Piece>();
            foreach (var piece in current)
            {
                step.Split(text[piece.Start..piece.End], piece.Start, next);
            }

            current = next;
        }

        foreach (var piece in current)
        {
            pieces.Add(new(piece.Start + offset, piece.End + offset));
        }
    }
}
