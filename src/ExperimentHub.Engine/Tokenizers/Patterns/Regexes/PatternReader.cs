using System.Globalization;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>Reads the characters and escapes of a pattern one by one.</summary>
internal sealed class PatternReader(string pattern)
{
    internal int Position { get; set; }

    internal bool AtEnd => Position >= pattern.Length;

    internal char Current => AtEnd ? '\0' : pattern[Position];

    internal bool StartsWith(string text) => string.CompareOrdinal(pattern, Position, text, 0, text.Length) == 0;

    internal bool Take(string text)
    {
        if (AtEnd || !StartsWith(text))
        {
            return false;
        }

        Position += text.Length;
        return true;
    }

    internal PatternSyntaxException Wrong(string what) => new($"{what} at character {Position + 1}");

    internal int TakeCodePoint()
    {
        if (AtEnd)
        {
            throw Wrong("the pattern ends too early");
        }

        var rune = UnicodeClasses.RuneAt(pattern, Position, out var length);
        Position += length;
        return rune.Value;
    }

    internal string TakeUntil(char end)
    {
        var at = pattern.IndexOf(end, Position);
        if (at < 0)
        {
            throw Wrong($"no '{end}' follows");
        }

        var text = pattern[Position..at];
        Position = at + 1;
        return text;
    }

    internal int? TakeNumber()
    {
        var start = Position;
        while (char.IsAsciiDigit(Current))
        {
            Position++;
        }

        return start == Position ? null
            : int.TryParse(pattern.AsSpan(start, Position - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 100_000 ? number
            : throw Wrong("a number is too large");
    }

    /// <summary>The character of an escape whose backslash was taken, if it stands for one character; else null, with nothing taken.</summary>
    internal int? TakeEscapedCharacter(bool inClass)
    {
        var start = Position;
        var c = TakeCodePoint();
        switch (c)
        {
            case 't': return '\t';
            case 'n': return '\n';
            case 'r': return '\r';
            case 'f': return '\f';
            case 'v': return '\v';
            case 'a': return '\a';
            case 'e': return '\u001B';
            case 'b' when inClass: return '\b';
            case 'x': return Take("{") ? Hex(TakeUntil('}')) : Hex(TakeHex(2));
            case 'u': return Hex(TakeHex(4));
            case '0': return TakeOctal();
            case 'c': return TakeCodePoint() & 0x1F;
        }

        if (c < 0x80 && char.IsAsciiLetterOrDigit((char)c))
        {
            Position = start;
            return null;
        }

        return c;
    }

    private string TakeHex(int most)
    {
        var start = Position;
        while (Position - start < most && char.IsAsciiHexDigit(Current))
        {
            Position++;
        }

        return pattern[start..Position];
    }

    private int TakeOctal()
    {
        var value = 0;
        for (var digits = 0; digits < 2 && Current is >= '0' and <= '7'; digits++, Position++)
        {
            value = (8 * value) + (Current - '0');
        }

        return value;
    }

    private int Hex(string digits) =>
        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && Rune.IsValid(value) ? value : throw Wrong("no character has this number");
}
