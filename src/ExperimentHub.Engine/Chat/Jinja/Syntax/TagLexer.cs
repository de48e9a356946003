using System.Globalization;
using System.Text;
using ExperimentHub.Engine.Chat.Jinja.Builtins;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Syntax;

/// <summary>Cuts the inside of a tag into names, numbers, texts and signs.</summary>
internal sealed class TagLexer(Lexer lexer)
{
    private const string Signs = "+-/*%~[](){}><=.:|,;";

    private static readonly string[] s_pairs = ["**", "//", "==", "!=", ">=", "<="];

    private readonly Stack<char> _open = new();
    private readonly string _source = lexer.Source;

    /// <summary>Reads up to the end of the tag: <c>}}</c> or <c>%}</c>, which count only where no bracket is open.</summary>
    public void ReadTo(char closing)
    {
        while (lexer.Position < _source.Length)
        {
            var at = lexer.Position;
            if (_open.Count == 0 && (closing == '}' ? lexer.VariableEnd(at) : lexer.BlockEnd(at)) is { } end)
            {
                lexer.Add(closing == '}' ? TokenKind.VariableEnd : TokenKind.BlockEnd, "");
                lexer.Move(end);
                return;
            }

            var c = _source[at];
            if (PythonText.IsSpace(c))
            {
                lexer.Move(lexer.SkipSpaces(at));
            }
            else if (char.IsAsciiDigit(c))
            {
                ReadNumber(at);
            }
            else if (c is '\'' or '"')
            {
                ReadText(at);
            }
            else if (IsNamePart(at))
            {
                ReadName(at);
            }
            else
            {
                ReadSign(at);
            }
        }
    }

    private bool IsNamePart(int at) => _source[at] == '_' || char.IsLetterOrDigit(_source[at]) || _source[at] > 127 && IsNamePoint(at);

    private bool IsNamePoint(int at)
    {
        var point = CodePointText.UnitsAt(_source, at) == 2 ? char.ConvertToUtf32(_source, at) : _source[at];
        return TextCase.IsWord(point) || PythonText.Category(point) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.ConnectorPunctuation
            || point is '·' or '·';
    }

    private void ReadName(int at)
    {
        var end = at;
        while (end < _source.Length && IsNamePart(end))
        {
            end += CodePointText.UnitsAt(_source, end);
        }

        var name = _source[at..end];
        if (!TextCase.IsIdentifier(name))
        {
            throw TemplateFault.Syntax("Invalid character in identifier", lexer.Line);
        }

        lexer.Add(TokenKind.Name, name);
        lexer.Move(end);
    }

    private void ReadNumber(int at)
    {
        // A number behind a dot is an index, as in a.0.1, and no fraction.
        var end = at > 0 && _source[at - 1] == '.' ? at : FloatEnd(at);
        if (end > at)
        {
            lexer.Add(TokenKind.Number, "", new FloatValue(double.Parse(_source[at..end].Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture)));
        }
        else
        {
            end = IntegerEnd(at);
            var number = Numbers.ParseInteger(_source[at..end], 0)
                ?? throw TemplateFault.Syntax("Exceeds the limit (4300 digits) for integer string conversion", lexer.Line);
            lexer.Add(TokenKind.Number, "", IntValue.Of(number));
        }

        lexer.Move(end);
    }

    private int FloatEnd(int at)
    {
        var whole = Digits(at);
        var end = whole;
        if (whole + 1 < _source.Length && _source[whole] == '.' && Digits(whole + 1) > whole + 1)
        {
            end = Digits(whole + 1);
        }

        if (end < _source.Length && _source[end] is 'e' or 'E')
        {
            var sign = end + 1 < _source.Length && _source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (Digits(sign) > sign)
            {
                return Digits(sign);
            }
        }

        return end > whole ? end : at;
    }

    private int IntegerEnd(int at)
    {
        if (_source[at] != '0' || at + 1 == _source.Length)
        {
            return Digits(at);
        }

        var end = char.ToLowerInvariant(_source[at + 1]) switch
        {
            'b' => Run(at + 2, c => c is '0' or '1'),
            'o' => Run(at + 2, c => c is >= '0' and <= '7'),
            'x' => Run(at + 2, char.IsAsciiHexDigit),
            _ => at + 2,
        };
        return end > at + 2 ? end : Run(at, c => c == '0');
    }

    private int Digits(int at) => Run(at, char.IsAsciiDigit);

    /// <summary>Behind the digits that begin here; a single underscore may stand between two.</summary>
    private int Run(int at, Func<char, bool> isDigit)
    {
        var end = at;
        while (end < _source.Length && (isDigit(_source[end]) || (_source[end] == '_' && end + 1 < _source.Length && isDigit(_source[end + 1]) && (end > at || at > 1 && !char.IsAsciiDigit(_source[at - 1])))))
        {
            end++;
        }

        return end;
    }

    private void ReadText(int at)
    {
        var quote = _source[at];
        var end = at + 1;
        while (end < _source.Length && _source[end] != quote)
        {
            end += _source[end] == '\\' ? 2 : 1;
        }

        if (end >= _source.Length)
        {
            throw TemplateFault.Syntax($"unexpected char {PythonText.Repr(quote.ToString())} at {at}", lexer.Line);
        }

        lexer.Add(TokenKind.Text, Unescape(_source[(at + 1)..end]));
        lexer.Move(end + 1);
    }

    private void ReadSign(int at)
    {
        var sign = s_pairs.FirstOrDefault(p => string.CompareOrdinal(_source, at, p, 0, 2) == 0) ?? _source[at].ToString();
        if (sign.Length == 1 && !Signs.Contains(sign[0], StringComparison.Ordinal))
        {
            var shown = _source.Substring(at, CodePointText.UnitsAt(_source, at));
            throw TemplateFault.Syntax($"unexpected char {PythonText.Repr(shown)} at {at}", lexer.Line);
        }

        switch (sign[0])
        {
            case '(':
                _open.Push(')');
                break;
            case '[':
                _open.Push(']');
                break;
            case '{':
                _open.Push('}');
                break;
            case ')' or ']' or '}':
                if (!_open.TryPop(out var expected))
                {
                    throw TemplateFault.Syntax($"unexpected '{sign}'", lexer.Line);
                }

                if (expected != sign[0])
                {
                    throw TemplateFault.Syntax($"unexpected '{sign}', expected '{expected}'", lexer.Line);
                }

                break;
        }

        lexer.Add(TokenKind.Sign, sign);
        lexer.Move(at + sign.Length);
    }

    /// <summary>The escapes of Python's literals; an unknown one stays as it is written.</summary>
    private string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var builder = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\')
            {
                builder.Append(text[at]);
                continue;
            }

            var c = text[++at];
            switch (c)
            {
                case '\n':
                    break;
                case '\\' or '\'' or '"':
                    builder.Append(c);
                    break;
                case 'a' or 'b' or 'f' or 'n' or 'r' or 't' or 'v':
                    builder.Append("\a\b\f\n\r\t\v"["abfnrtv".IndexOf(c, StringComparison.Ordinal)]);
                    break;
                case >= '0' and <= '7':
                    var end = at;
                    while (end < text.Length && end < at + 3 && text[end] is >= '0' and <= '7')
                    {
                        end++;
                    }

                    builder.Append((char)Convert.ToInt32(text[at..end], 8));
                    at = end - 1;
                    break;
                case 'x' or 'u' or 'U':
                    at = AppendCode(builder, text, at);
                    break;
                case 'N':
                    throw TemplateFault.Syntax("characters by name (\\N{…}) are not supported", lexer.Line);
                case > '\u007f':
                    // Jinja writes such a character as an escape first, whose backslash the one before it then escapes.
                    var units = CodePointText.UnitsAt(text, at);
                    builder.Append(PythonText.Escape(units == 2 ? char.ConvertToUtf32(text, at) : c));
                    at += units - 1;
                    break;
                default:
                    builder.Append('\\').Append(c);
                    break;
            }
        }

        return builder.ToString();
    }

    private int AppendCode(StringBuilder builder, string text, int at)
    {
        var length = text[at] switch { 'x' => 2, 'u' => 4, _ => 8 };
        var isWhole = at + length < text.Length && text.AsSpan(at + 1, length).ToString().All(char.IsAsciiHexDigit);
        var point = isWhole ? Convert.ToInt64(text.Substring(at + 1, length), 16) : -1;
        if (point is < 0 or > 0x10ffff)
        {
            throw TemplateFault.Syntax(isWhole ? "illegal Unicode character" : $"truncated \\{text[at]} escape", lexer.Line);
        }

        PythonText.Append(builder, (int)point);
        return at + length;
    }
}
