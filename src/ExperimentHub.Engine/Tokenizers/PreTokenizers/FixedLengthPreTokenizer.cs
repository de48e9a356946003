namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Pieces of so many characters each; the last may be shorter.</summary>
internal sealed class FixedLengthPreTokenizer(int length) : Splitter
{
    internal override void Split(ReadOnlySpan<char> text, int offset, List<Piece> pieces)
    {
        var (start, characters) = (0, 0);
        for (var i = 0; i < text.Length;)
        {
            i += i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
            if (++characters == length || i == text.Length)
            {
                pieces.Add(new(offset + start, offset + i));
                (start, characters) = (i, 0);
            }
        }
    }
}
