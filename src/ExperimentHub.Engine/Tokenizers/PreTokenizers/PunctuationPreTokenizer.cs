namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Makes every punctuation mark a piece of its own; white space stays.</summary>
internal sealed class PunctuationPreTokenizer : PreTokenizer
{
    internal override void Split(ReadOnlySpan<char> text, int offset, List<Piece> pieces)
    {
        var start = 0;
        for (var i = 0; i < text.Length;)
        {
            var rune = UnicodeClasses.RuneAt(text, i, out var length);
            if (UnicodeClasses.IsBertPunctuation(rune))
            {
                if (start < i)
                {
                    pieces.Add(new(offset + start, offset + i));
                }

                pieces.Add(new(offset + i, offset + i + length));
                start = i + length;
            }

            i += length;
        }

        if (start < text.Length)
        {
            pieces.Add(new(offset + start, offset + text.Length));
        }
    }
}
