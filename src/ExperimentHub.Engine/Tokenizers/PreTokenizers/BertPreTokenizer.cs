using System.Text;

namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Splits at white space, which goes, and makes every punctuation mark a piece of its own.</summary>
internal sealed class BertPreTokenizer : Splitter
{
    private const byte Word = 0;
    private const byte Space = 1;
    private const byte Punctuation = 2;

    /// <summary>Half of a character that is outside the basic plane.</summary>
    private const byte Half = 3;

    private static readonly byte[] s_kinds = BasicPlane();

    internal override void Split(ReadOnlySpan<char> text, int offset, List<Piece> pieces)
    {
        var start = 0;
        for (var i = 0; i < text.Length;)
        {
            var length = 1;
            var kind = s_kinds[text[i]];
            if (kind == Half)
            {
                kind = KindOf(UnicodeClasses.RuneAt(text, i, out length));
            }

            if (kind != Word)
            {
                if (i > start)
                {
                    pieces.Add(new(offset + start, offset + i));
                }

                start = i + length;
                if (kind == Punctuation)
                {
                    pieces.Add(new(offset + i, offset + start));
                }
            }

            i += length;
        }

        if (text.Length > start)
        {
            pieces.Add(new(offset + start, offset + text.Length));
        }
    }

    private static byte KindOf(Rune rune) => Rune.IsWhiteSpace(rune) ? Space : UnicodeClasses.IsBertPunctuation(rune) ? Punctuation : Word;

    private static byte[] BasicPlane()
    {
        var kinds = new byte[0x10000];
        for (var c = 0; c < kinds.Length; c++)
        {
            kinds[c] = char.IsSurrogate((char)c) ? Half : KindOf(new Rune((char)c));
        }

        return kinds;
    }
}
