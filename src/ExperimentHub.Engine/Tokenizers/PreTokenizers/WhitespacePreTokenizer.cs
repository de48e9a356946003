using System.Text;

namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Splits at white space, which goes; with <paramref name="separateWords"/> also between word characters and others (<c>\w+|[^\w\s]+</c>).</summary>
internal sealed class WhitespacePreTokenizer(bool separateWords) : Splitter
{
    internal override void Split(ReadOnlySpan<char> text, int offset, List<Piece> pieces)
    {
        var start = -1;
        var inWord = false;
        for (var i = 0; i < text.Length;)
        {
            var rune = UnicodeClasses.RuneAt(text, i, out var length);
            var space = Rune.IsWhiteSpace(rune);
            var word = separateWords && !space && UnicodeClasses.IsWord(rune);
            if (start >= 0 && (space || (separateWords && word != inWord)))
            {
                pieces.Add(new(offset + start, offset + i));
                start = -1;
            }

            if (!space && start < 0)
            {
                start = i;
                inWord = word;
            }

            i += length;
        }

        if (start >= 0)
        {
            pieces.Add(new(offset + start, offset + text.Length));
        }
    }
}
