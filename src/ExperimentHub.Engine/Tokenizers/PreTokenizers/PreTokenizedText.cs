namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>A text and the pieces it is cut into so far. Buffers are used again and again by one thread.</summary>
internal sealed class PreTokenizedText
{
    private readonly NormalizedText[] _spareTexts = [new(), new()];
    private List<Piece> _sparePieces = [];

    internal NormalizedText Text { get; private set; } = new();

    internal List<Piece> Pieces { get; private set; } = [];

    internal bool IsSmall(int most) => _spareTexts.All(t => t.Capacity <= most) && Pieces.Capacity <= most && _sparePieces.Capacity <= most;

    /// <summary>Begins with one piece, unless it is empty.</summary>
    internal void Start(NormalizedText text, Piece range)
    {
        Text = text;
        Pieces.Clear();
        if (range.End > range.Start)
        {
            Pieces.Add(range);
        }
    }

    /// <summary>An empty list to write the next pieces to.</summary>
    internal List<Piece> NextPieces()
    {
        _sparePieces.Clear();
        return _sparePieces;
    }

    /// <summary>An empty text to write the next text to.</summary>
    internal NormalizedText NextText()
    {
        var next = ReferenceEquals(Text, _spareTexts[0]) ? _spareTexts[1] : _spareTexts[0];
        next.ClearFor(Text);
        return next;
    }

    /// <summary>Goes on with the pieces of <see cref="NextPieces"/>.</summary>
    internal void Take(List<Piece> pieces) => (_sparePieces, Pieces) = (Pieces, pieces);

    /// <summary>Goes on with the text of <see cref="NextText"/> and its pieces.</summary>
    internal void Take(NormalizedText text, List<Piece> pieces)
    {
        Text = text;
        Take(pieces);
    }
}
