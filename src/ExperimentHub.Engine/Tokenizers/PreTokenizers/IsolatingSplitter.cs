using ExperimentHub.Engine.Tokenizers.Patterns;

namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Every match of one of the hand-written patterns is a piece, and so is what is between them.</summary>
internal sealed class IsolatingSplitter(Scanner scanner) : Splitter
{
    internal override void Split(ReadOnlySpan<char> text, int offset, List<Piece> pieces)
    {
        for (var done = 0; done < text.Length;)
        {
            if (!scanner.Find(text, done, out var start, out var end))
            {
                pieces.Add(new(offset + done, offset + text.Length));
                return;
            }

            if (start > done)
            {
                pieces.Add(new(offset + done, offset + start));
            }

            pieces.Add(new(offset + start, offset + end));
            done = end;
        }
    }
}
