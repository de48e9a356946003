using System.Globalization;
using System.Text;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>Case and classes of characters as Python has them: with the letters that become two or three, and the Greek sigma at the end of a word.</summary>
internal static class TextCase
{
    /// <summary>Letters whose capital form is longer: each with that form behind it (Unicode's SpecialCasing.txt).</summary>
    private const string LongCapitals =
        "\u00dfSS \u0149\u02bcN \u01f0J\u030c \u0390\u0399\u0308\u0301 \u03b0\u03a5\u0308\u0301 \u0587\u0535\u0552 " +
        "\u1e96H\u0331 \u1e97T\u0308 \u1e98W\u030a \u1e99Y\u030a \u1e9aA\u02be \u1f50\u03a5\u0313 \u1f52\u03a5\u0313\u0300 " +
        "\u1f54\u03a5\u0313\u0301 \u1f56\u03a5\u0313\u0342 \u1f80\u1f08\u0399 \u1f81\u1f09\u0399 \u1f82\u1f0a\u0399 " +
        "\u1f83\u1f0b\u0399 \u1f84\u1f0c\u0399 \u1f85\u1f0d\u0399 \u1f86\u1f0e\u0399 \u1f87\u1f0f\u0399 \u1f88\u1f08\u0399 " +
        "\u1f89\u1f09\u0399 \u1f8a\u1f0a\u0399 \u1f8b\u1f0b\u0399 \u1f8c\u1f0c\u0399 \u1f8d\u1f0d\u0399 \u1f8e\u1f0e\u0399 " +
        "\u1f8f\u1f0f\u0399 \u1f90\u1f28\u0399 \u1f91\u1f29\u0399 \u1f92\u1f2a\u0399 \u1f93\u1f2b\u0399 \u1f94\u1f2c\u0399 " +
        "\u1f95\u1f2d\u0399 \u1f96\u1f2e\u0399 \u1f97\u1f2f\u0399 \u1f98\u1f28\u0399 \u1f99\u1f29\u0399 \u1f9a\u1f2a\u0399 " +
        "\u1f9b\u1f2b\u0399 \u1f9c\u1f2c\u0399 \u1f9d\u1f2d\u0399 \u1f9e\u1f2e\u0399 \u1f9f\u1f2f\u0399 \u1fa0\u1f68\u0399 " +
        "\u1fa1\u1f69\u0399 \u1fa2\u1f6a\u0399 \u1fa3\u1f6b\u0399 \u1fa4\u1f6c\u0399 \u1fa5\u1f6d\u0399 \u1fa6\u1f6e\u0399 " +
        "\u1fa7\u1f6f\u0399 \u1fa8\u1f68\u0399 \u1fa9\u1f69\u0399 \u1faa\u1f6a\u0399 \u1fab\u1f6b\u0399 \u1fac\u1f6c\u0399 " +
        "\u1fad\u1f6d\u0399 \u1fae\u1f6e\u0399 \u1faf\u1f6f\u0399 \u1fb2\u1fba\u0399 \u1fb3\u0391\u0399 \u1fb4\u0386\u0399 " +
        "\u1fb6\u0391\u0342 \u1fb7\u0391\u0342\u0399 \u1fbc\u0391\u0399 \u1fc2\u1fca\u0399 \u1fc3\u0397\u0399 " +
        "\u1fc4\u0389\u0399 \u1fc6\u0397\u0342 \u1fc7\u0397\u0342\u0399 \u1fcc\u0397\u0399 \u1fd2\u0399\u0308\u0300 " +
        "\u1fd3\u0399\u0308\u0301 \u1fd6\u0399\u0342 \u1fd7\u0399\u0308\u0342 \u1fe2\u03a5\u0308\u0300 " +
        "\u1fe3\u03a5\u0308\u0301 \u1fe4\u03a1\u0313 \u1fe6\u03a5\u0342 \u1fe7\u03a5\u0308\u0342 \u1ff2\u1ffa\u0399 " +
        "\u1ff3\u03a9\u0399 \u1ff4\u038f\u0399 \u1ff6\u03a9\u0342 \u1ff7\u03a9\u0342\u0399 \u1ffc\u03a9\u0399 \ufb00FF " +
        "\ufb01FI \ufb02FL \ufb03FFI \ufb04FFL \ufb05ST \ufb06ST \ufb13\u0544\u0546 \ufb14\u0544\u0535 \ufb15\u0544\u053b " +
        "\ufb16\u054e\u0546 \ufb17\u0544\u053d";

    private static readonly Dictionary<char, string> s_longCapitals = LongCapitals.Split(' ').ToDictionary(e => e[0], e => e[1..]);

    public static string Upper(string text)
    {
        var upper = text.ToUpperInvariant();
        if (Ascii.IsValid(text) || !text.Any(s_longCapitals.ContainsKey))
        {
            return upper;
        }

        var builder = new StringBuilder(text.Length + 4);
        for (var i = 0; i < text.Length; i++)
        {
            builder.Append(s_longCapitals.TryGetValue(text[i], out var capitals) ? capitals : upper[i].ToString());
        }

        return builder.ToString();
    }

    public static string Lower(string text)
    {
        var lower = text.ToLowerInvariant();
        if (!text.Contains('Σ', StringComparison.Ordinal) && !text.Contains('İ', StringComparison.Ordinal))
        {
            return lower;
        }

        var builder = new StringBuilder(text.Length + 4);
        for (var i = 0; i < text.Length; i++)
        {
            builder.Append(text[i] switch
            {
                'İ' => "i\u0307",
                'Σ' when IsFinal(text, i) => "ς",
                'Σ' => "σ",
                _ => lower[i].ToString(),
            });
        }

        return builder.ToString();
    }

    public static string Fold(string text) =>
        Lower(Upper(text.Replace("ı", "\uE000", StringComparison.Ordinal))).Replace('ς', 'σ').Replace("\uE000", "ı", StringComparison.Ordinal);

    public static string Capitalize(string text)
    {
        var units = text.Length == 0 ? 0 : CodePointText.UnitsAt(text, 0);
        return TitleOf(text[..units]) + Lower(text)[Lower(text[..units]).Length..];
    }

    public static string Title(string text)
    {
        var lower = text.ToLowerInvariant();
        var builder = new StringBuilder(text.Length);
        var inWord = false;
        for (var at = 0; at < text.Length;)
        {
            var units = CodePointText.UnitsAt(text, at);
            var piece = text.Substring(at, units);
            builder.Append(inWord ? text[at] == 'Σ' && IsFinal(text, at) ? "ς" : lower.Substring(at, units) : TitleOf(piece));
            inWord = IsCased(piece);
            at += units;
        }

        return builder.ToString();
    }

    public static string Swap(string text)
    {
        var builder = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var units = CodePointText.UnitsAt(text, at);
            var piece = text.Substring(at, units);
            var category = PythonText.Category(CodePointText.Points(piece).First());
            builder.Append(category == UnicodeCategory.UppercaseLetter ? text[at] == 'Σ' && IsFinal(text, at) ? "ς" : Lower(piece) : category == UnicodeCategory.LowercaseLetter ? Upper(piece) : piece);
            at += units;
        }

        return builder.ToString();
    }

    public static bool IsUpper(string text) => HasCase(text, c => c is UnicodeCategory.UppercaseLetter, c => c is UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter);

    public static bool IsLower(string text) => HasCase(text, c => c is UnicodeCategory.LowercaseLetter, c => c is UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter);

    public static bool IsTitle(string text)
    {
        var (afterCased, any) = (false, false);
        foreach (var point in CodePointText.Points(text))
        {
            var category = PythonText.Category(point);
            if (category is UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter)
            {
                if (afterCased)
                {
                    return false;
                }

                (afterCased, any) = (true, true);
            }
            else if (category == UnicodeCategory.LowercaseLetter)
            {
                if (!afterCased)
                {
                    return false;
                }

                any = true;
            }
            else
            {
                afterCased = false;
            }
        }

        return any;
    }

    public static bool IsAlpha(int point) => PythonText.Category(point) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter;

    public static bool IsDecimal(int point) => PythonText.Category(point) == UnicodeCategory.DecimalDigitNumber;

    public static bool IsDigit(int point) => IsDecimal(point) || (point <= 0xffff && CharUnicodeInfo.GetDigitValue((char)point) >= 0);

    public static bool IsNumeric(int point) =>
        PythonText.Category(point) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
        || (point <= 0xffff && CharUnicodeInfo.GetNumericValue((char)point) >= 0);

    /// <summary>A character of a word, as <c>\w</c> has it.</summary>
    public static bool IsWord(int point) => point == '_' || IsAlpha(point) || IsNumeric(point);

    public static bool IsIdentifier(string text) =>
        text.Length > 0 && CodePointText.Points(text).Select((p, i) => (p, i)).All(c => c.p == '_' || IsAlpha(c.p) || PythonText.Category(c.p) == UnicodeCategory.LetterNumber
            || (c.i > 0 && PythonText.Category(c.p) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation));

    private static bool HasCase(string text, Func<UnicodeCategory, bool> wanted, Func<UnicodeCategory, bool> other)
    {
        var found = false;
        foreach (var point in CodePointText.Points(text))
        {
            var category = PythonText.Category(point);
            if (other(category))
            {
                return false;
            }

            found |= wanted(category);
        }

        return found;
    }

    private static bool IsCased(string piece) => PythonText.Category(CodePointText.Points(piece).First()) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter;

    /// <summary>The title form of one character: of <c>ß</c> it is <c>Ss</c>, of <c>ǆ</c> it is <c>ǅ</c>.</summary>
    private static string TitleOf(string piece)
    {
        if (piece.Length != 1)
        {
            return Upper(piece);
        }

        var c = piece[0];
        return c switch
        {
            >= 'Ǆ' and <= 'ǌ' => ((char)('ǅ' + ((c - 'Ǆ') / 3 * 3))).ToString(),
            >= 'Ǳ' and <= 'ǳ' => "ǲ",
            >= '\u10d0' and <= '\u10ff' => piece,
            >= '\u1f80' and <= '\u1faf' => ((char)(c | 8)).ToString(),
            '\u1fb3' or '\u1fbc' => "\u1fbc",
            '\u1fc3' or '\u1fcc' => "\u1fcc",
            '\u1ff3' or '\u1ffc' => "\u1ffc",
            _ when s_longCapitals.TryGetValue(c, out var capitals) => IsCased(capitals[..1]) ? capitals[..1] + Lower(capitals[1..]) : capitals,
            _ => Upper(piece),
        };
    }

    private static bool IsFinal(string text, int at)
    {
        var before = at - 1;
        while (before >= 0 && IsIgnored(text[before]))
        {
            before--;
        }

        var after = at + 1;
        while (after < text.Length && IsIgnored(text[after]))
        {
            after++;
        }

        return before >= 0 && IsCased(text[before].ToString()) && (after == text.Length || !IsCased(text[after].ToString()));
    }

    private static bool IsIgnored(char c) => c is '\'' or '.' or ':' or '·' or '’' || char.GetUnicodeCategory(c) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;
}
