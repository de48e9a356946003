using System.Text;

namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Splits at white space, which goes, and makes every punctuation mark a piece of its own.</summary>
internal sealed class BertPreTokenizer : Splitter
{
    internal override void Split(ReadOnlySpan<char> text, int offset, List<Piece> pieces)
    {
        var start = -1;
        for (var i = 0; i < text.Length;)
        {
            var rune = UnicodeClasses.RuneAt(text, i, out var length);
            var space = Rune.IsWhiteSpace(rune);
            if (space || UnicodeClasses.IsBertPunctuation(rune))
            {
                if (start >= 0)
                {
                    pieces.Add(new(offset + start, offset + i));
                    start = -1;
                }

                if (!space)
                {
                    pieces.Add(new(offset + i, offset + i + length));
                }
            }
            else if (start < 0)
            {
                start = i;
            }

            i += length;
        }

        if (start >= 0)
        {
            pieces.Add(new(offset + start, offset + text.Length));
        }
    }
}
