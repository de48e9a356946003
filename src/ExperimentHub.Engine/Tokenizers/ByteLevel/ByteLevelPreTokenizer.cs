using ExperimentHub.Engine.Tokenizers.Patterns;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers.ByteLevel;

/// <summary>
/// Cuts by GPT-2's pattern (if asked to) and writes the pieces in the <see cref="ByteAlphabet"/>. Where the model is a byte-level BPE
/// that follows at once, it takes the bytes itself and the text stays as it is.
/// </summary>
/// <param name="addPrefixSpace">A piece that begins with no space gets one.</param>
/// <param name="rewrites">False: the model takes the bytes itself.</param>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex, bool rewrites = true) : PreTokenizer
{
    private readonly IsolatingSplitter? _splitter = useRegex ? new IsolatingSplitter(new Gpt2Scanner()) : null;

    internal bool Rewrites => rewrites;

    internal ByteLevelPreTokenizer WithoutRewriting => new(addPrefixSpace, useRegex, rewrites: false);

    internal override void Apply(PreTokenizedText text)
    {
        if (addPrefixSpace)
        {
            PrefixSpaces(text);
        }

        _splitter?.Apply(text);
        if (rewrites)
        {
            Rewrite(text);
        }
    }

    private static void PrefixSpaces(PreTokenizedText text)
    {
        var (next, pieces) = (text.NextText(), text.NextPieces());
        var source = text.Text;
        foreach (var piece in text.Pieces)
        {
            var start = next.Length;
            if (source.Chars[piece.Start] != ' ')
            {
                next.Append(' ', source.Start(piece.Start), source.End(piece.Start));
            }

            next.AppendRange(source, piece.Start, piece.End);
            pieces.Add(new(start, next.Length));
        }

        text.Take(next, pieces);
    }

    private static void Rewrite(PreTokenizedText text)
    {
        var (next, pieces) = (text.NextText(), text.NextPieces());
        foreach (var piece in text.Pieces)
        {
            var start = next.Length;
            ByteLevelText.Append(text.Text, piece.Start, piece.End, next);
            pieces.Add(new(start, next.Length));
        }

        text.Take(next, pieces);
    }
}
