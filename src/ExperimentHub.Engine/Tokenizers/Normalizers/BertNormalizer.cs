using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>
/// What BERT does to text (Devlin et al. 2018, <c>BasicTokenizer</c>): cleans controls, puts spaces around Chinese characters, strips
/// accents (decomposes and drops the marks), lower-cases; in this order, as the tokenizers library has it.
/// </summary>
/// <param name="cleanText">Drop controls; make every white space a plain space.</param>
/// <param name="handleChineseChars">A space on either side of each Chinese character.</param>
/// <param name="stripAccents">Null: as <paramref name="lowercase"/>.</param>
/// <param name="lowercase">Each character by itself: no final sigma, no locale.</param>
internal sealed class BertNormalizer(bool cleanText, bool handleChineseChars, bool? stripAccents, bool lowercase) : Normalizer
{
    private readonly bool _stripAccents = stripAccents ?? lowercase;

    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        var chars = source.Chars;
        for (var i = 0; i < chars.Length;)
        {
            var c = chars[i];
            if (c < 0x80)
            {
                if (!cleanText || !UnicodeClasses.IsBertControl(new Rune(c)))
                {
                    var written = lowercase && char.IsAsciiLetterUpper(c) ? (char)(c | 0x20)
                        : cleanText && c is '\t' or '\n' or '\r' ? ' ' : c;
                    target.Append(written, source.Start(i), source.End(i));
                }

                i++;
                continue;
            }

            var rune = UnicodeClasses.RuneAt(chars, i, out var length);
            AppendOther(rune, source.Start(i), source.End(i), target);
            i += length;
        }
    }

    private void AppendOther(Rune rune, int start, int end, NormalizedText target)
    {
        if (cleanText)
        {
            if (UnicodeClasses.IsBertControl(rune))
            {
                return;
            }

            if (Rune.IsWhiteSpace(rune))
            {
                target.Append(' ', start, end);
                return;
            }
        }

        var chinese = handleChineseChars && UnicodeClasses.IsChinese(rune.Value);
        if (chinese)
        {
            target.Append(' ', start, end);
        }

        if (_stripAccents && CharacterMaps.Decompose(rune) is { } decomposed)
        {
            foreach (var part in decomposed.EnumerateRunes())
            {
                AppendLowered(part, start, end, target);
            }
        }
        else
        {
            AppendLowered(rune, start, end, target);
        }

        if (chinese)
        {
            target.Append(' ', start, end);
        }
    }

    private void AppendLowered(Rune rune, int start, int end, NormalizedText target)
    {
        if (_stripAccents && UnicodeClasses.IsNonSpacingMark(rune))
        {
            return;
        }

        if (lowercase)
        {
            CharacterMaps.AppendLower(rune, start, end, target);
        }
        else
        {
            target.Append(rune, start, end);
        }
    }
}
