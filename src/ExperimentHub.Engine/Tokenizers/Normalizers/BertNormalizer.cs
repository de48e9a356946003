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
    private const byte NotKnown = 0;

    /// <summary>The character stays as it is.</summary>
    private const byte Kept = 1;

    /// <summary>It stays, between two spaces.</summary>
    private const byte Spaced = 2;

    private const byte Changes = 3;

    private readonly bool _stripAccents = stripAccents ?? lowercase;

    /// <summary>What becomes of the characters of the basic plane, as they are met; entries are written once or equal, so no lock.</summary>
    private readonly byte[] _kinds = new byte[0x10000];

    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        var chars = source.Chars;
        for (var i = 0; i < chars.Length;)
        {
            var c = chars[i];
            if (c is >= ' ' and <= '~')
            {
                var run = chars[i..].IndexOfAnyExceptInRange(' ', '~');
                var end = run < 0 ? chars.Length : i + run;
                target.AppendAscii(source, i, end, lowercase);
                i = end;
                continue;
            }

            if (c < 0x80)
            {
                AppendControl(c, source.Start(i), source.End(i), target);
                i++;
                continue;
            }

            i += AppendOther(source, i, target);
        }
    }

    private void AppendControl(char c, int start, int end, NormalizedText target)
    {
        if (!cleanText || !UnicodeClasses.IsBertControl(new Rune(c)))
        {
            target.Append(cleanText && c is '\t' or '\n' or '\r' ? ' ' : c, start, end);
        }
    }

    /// <returns>The length of the character.</returns>
    private int AppendOther(NormalizedText source, int at, NormalizedText target)
    {
        var c = source.Chars[at];
        var (start, end) = (source.Start(at), source.End(at));
        var kind = _kinds[c];
        if (kind == NotKnown)
        {
            _kinds[c] = kind = KindOf(c);
        }

        if (kind == Changes)
        {
            var rune = UnicodeClasses.RuneAt(source.Chars, at, out var length);
            AppendOther(rune, start, end, target);
            return length;
        }

        if (kind == Spaced)
        {
            target.Append(' ', start, end);
        }

        target.Append(c, start, end);
        if (kind == Spaced)
        {
            target.Append(' ', start, end);
        }

        return 1;
    }

    private byte KindOf(char c)
    {
        if (char.IsSurrogate(c))
        {
            return Changes;
        }

        var written = new NormalizedText();
        AppendOther(new Rune(c), 0, 0, written);
        return written.Chars.SequenceEqual([c]) ? Kept : written.Chars.SequenceEqual([' ', c, ' ']) ? Spaced : Changes;
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
