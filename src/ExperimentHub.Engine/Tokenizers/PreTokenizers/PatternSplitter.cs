using ExperimentHub.Engine.Tokenizers.Patterns;

namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Splits at the matches of a pattern.</summary>
/// <param name="invert">What is between the matches counts as the matches.</param>
internal sealed class PatternSplitter(TextPattern pattern, SplitBehavior behavior, bool invert) : Splitter
{
    internal override void Split(ReadOnlySpan<char> text, int offset, List<Piece> pieces)
    {
        var first = pieces.Count;
        var matches = new PatternMatches(pattern, text);
        var done = 0;
        var previous = false;   // whether the stretch before was a match
        while (done < text.Length)
        {
            if (!matches.Next(out var start, out var end))
            {
                Add(done, text.Length, invert);
                break;
            }

            if (start > done)
            {
                Add(done, start, invert);
            }

            Add(start, end, !invert);
            done = end;
        }

        if (behavior == SplitBehavior.MergedWithNext)
        {
            MergeWithNext(pieces, first);
        }

        RemoveEmpty(pieces, first);

        void Add(int start, int end, bool isMatch)
        {
            var piece = new Piece(offset + start, offset + end);
            switch (behavior)
            {
                case SplitBehavior.Removed when isMatch:
                    break;
                case SplitBehavior.MergedWithPrevious when isMatch && !previous && pieces.Count > first:
                case SplitBehavior.Contiguous when isMatch == previous && pieces.Count > first:
                    pieces[^1] = new(pieces[^1].Start, piece.End);
                    break;
                case SplitBehavior.MergedWithNext:
                    // A match is noted by its negative end until the next stretch is known.
                    pieces.Add(isMatch ? new(piece.Start, ~piece.End) : piece);
                    break;
                default:
                    pieces.Add(piece);
                    break;
            }

            previous = isMatch;
        }
    }

    /// <summary>Empty matches have their say in what is merged, and are no pieces.</summary>
    private static void RemoveEmpty(List<Piece> pieces, int first)
    {
        var write = first;
        for (var read = first; read < pieces.Count; read++)
        {
            if (pieces[read].End > pieces[read].Start)
            {
                pieces[write++] = pieces[read];
            }
        }

        pieces.RemoveRange(write, pieces.Count - write);
    }

    /// <summary>From the end: a match joins the stretch after it, unless that is a match itself.</summary>
    private static void MergeWithNext(List<Piece> pieces, int first)
    {
        var write = pieces.Count;
        var previous = false;
        for (var read = pieces.Count - 1; read >= first; read--)
        {
            var isMatch = pieces[read].End < 0;
            var piece = isMatch ? new Piece(pieces[read].Start, ~pieces[read].End) : pieces[read];
            if (isMatch && !previous && write < pieces.Count)
            {
                pieces[write] = new(piece.Start, pieces[write].End);
            }
            else
            {
                pieces[--write] = piece;
            }

            previous = isMatch;
        }

        pieces.RemoveRange(first, write - first);
    }
}
