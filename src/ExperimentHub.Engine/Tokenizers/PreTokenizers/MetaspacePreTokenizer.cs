using System.Text;

namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Writes spaces as a mark (SentencePiece's <c>▁</c>), puts one before the text, and cuts before each mark.</summary>
internal sealed class MetaspacePreTokenizer(Rune mark, PrependScheme scheme, bool split) : PreTokenizer
{
    private readonly string _mark = mark.ToString();

    internal override bool NeedsPlaces => scheme == PrependScheme.First;

    internal override void Apply(PreTokenizedText text)
    {
        var (next, pieces) = (text.NextText(), text.NextPieces());
        var source = text.Text;
        foreach (var piece in text.Pieces)
        {
            var start = next.Length;
            var (from, to) = (source.Start(piece.Start), source.End(piece.Start));
            var begins = source.Chars[piece.Start] == ' ' || source.Chars[piece.Start..piece.End].StartsWith(_mark, StringComparison.Ordinal);
            if (!begins && (scheme == PrependScheme.Always || (scheme == PrependScheme.First && source.Start(piece.Start) == 0)))
            {
                next.Append(_mark, from, to);
            }

            for (var i = piece.Start; i < piece.End;)
            {
                var space = source.Chars[i..piece.End].IndexOf(' ');
                var end = space < 0 ? piece.End : i + space;
                next.AppendRange(source, i, end);
                if (space >= 0)
                {
                    next.Append(_mark, source.Start(end), source.End(end));
                }

                i = end + 1;
            }

            if (split)
            {
                Cut(next.Chars, start, pieces);
            }
            else
            {
                pieces.Add(new(start, next.Length));
            }
        }

        text.Take(next, pieces);
    }

    /// <summary>Each mark begins a piece; of several in a row each is one, and the last goes with what follows.</summary>
    private void Cut(ReadOnlySpan<char> chars, int start, List<Piece> pieces)
    {
        while (start < chars.Length)
        {
            var skip = chars[start..].StartsWith(_mark, StringComparison.Ordinal) ? _mark.Length : 0;
            var found = chars[(start + skip)..].IndexOf(_mark, StringComparison.Ordinal);
            var end = found < 0 ? chars.Length : start + skip + found;
            pieces.Add(new(start, end));
            start = end;
        }
    }
}
