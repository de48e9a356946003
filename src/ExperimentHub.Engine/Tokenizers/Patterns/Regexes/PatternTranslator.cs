using System.Globalization;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>
/// Writes a regular expression in the syntax of Oniguruma (which the tokenizers library uses) for .NET: the classes are the same in
/// any version, characters above U+FFFF are one character, and case is ignored by Unicode's rules for single characters. What has no
/// equal is refused.
/// </summary>
internal sealed class PatternTranslator
{
    private const int DeepestGroup = 100;
    private const int LongestResult = 2_000_000;

    private readonly PatternReader _reader;
    private readonly ClassReader _classes;
    private readonly StringBuilder _output = new();
    private bool _ignoreCase;
    private bool _dotAll;
    private bool _extended;
    private int _depth;

    private PatternTranslator(string pattern)
    {
        _reader = new PatternReader(pattern);
        _classes = new ClassReader(_reader);
    }

    /// <exception cref="PatternSyntaxException">The pattern is wrong or uses something that is not supported.</exception>
    internal static string Translate(string pattern)
    {
        var translator = new PatternTranslator(pattern);
        translator.Alternatives();
        return translator._reader.AtEnd ? translator._output.ToString() : throw translator._reader.Wrong("a parenthesis closes that none opened");
    }

    /// <summary>Up to the end, or the closing parenthesis of the group.</summary>
    private void Alternatives()
    {
        if (++_depth > DeepestGroup)
        {
            throw _reader.Wrong("groups lie too deep inside each other");
        }

        var (ignoreCase, dotAll, extended) = (_ignoreCase, _dotAll, _extended);
        while (!_reader.AtEnd && _reader.Current != ')')
        {
            if (_reader.Take("|"))
            {
                _output.Append('|');
                continue;
            }

            Term();
            if (_output.Length > LongestResult)
            {
                throw _reader.Wrong("the pattern is too large");
            }
        }

        (_ignoreCase, _dotAll, _extended) = (ignoreCase, dotAll, extended);
        _depth--;
    }

    private void Term()
    {
        if (_extended && (char.IsWhiteSpace(_reader.Current) || _reader.Current == '#'))
        {
            if (_reader.TakeCodePoint() == '#')
            {
                while (!_reader.AtEnd && _reader.TakeCodePoint() != '\n')
                {
                }
            }

            return;
        }

        var start = _output.Length;
        if (Atom())
        {
            Quantifiers(start);
        }
    }

    /// <summary>False for what cannot be repeated (flags, comments).</summary>
    private bool Atom()
    {
        var c = _reader.TakeCodePoint();
        switch (c)
        {
            case '(':
                return Group();
            case '[':
                Set(_classes.TakeClass(_ignoreCase), fold: false);
                return true;
            case '.':
                Set(_dotAll ? CodePointSet.All : CodePointSet.Of('\n').Complement(), fold: false);
                return true;
            case '^':
                _output.Append(@"(?:\A|(?<=\n)(?!\z))");
                return true;
            case '$':
                _output.Append(@"(?=\n|\z)");
                return true;
            case '\\':
                Escape();
                return true;
            case '*' or '+' or '?':
                throw _reader.Wrong("a quantifier stands where there is nothing to repeat");
            default:
                Set(CodePointSet.Of(c), fold: true);
                return true;
        }
    }

    private bool Group()
    {
        if (!_reader.Take("?"))
        {
            Open("(");
            return true;
        }

        foreach (var kind in new[] { ":", "=", "!", ">", "<=", "<!" })
        {
            if (_reader.Take(kind))
            {
                Open("(?" + kind);
                return true;
            }
        }

        if (_reader.Take("#"))
        {
            _reader.TakeUntil(')');
            return false;
        }

        if (_reader.Take("<"))
        {
            var name = _reader.TakeUntil('>');
            if (name.Length is 0 or > 30 || !name.All(char.IsAsciiLetter))
            {
                throw _reader.Wrong("a group has a name that is not supported");
            }

            Open($"(?<{name}>");
            return true;
        }

        return Flags();
    }

    private void Open(string opening)
    {
        _output.Append(opening);
        Alternatives();
        if (!_reader.Take(")"))
        {
            throw _reader.Wrong("a group has no end");
        }

        _output.Append(')');
    }

    private bool Flags()
    {
        var outer = (_ignoreCase, _dotAll, _extended);
        var on = true;
        while (true)
        {
            switch (_reader.TakeCodePoint())
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    _ignoreCase = on;
                    break;
                case 'm':
                    _dotAll = on;
                    break;
                case 'x':
                    _extended = on;
                    break;
                case ')':
                    // As in Ruby, flags hold to the end of the group, alternatives included.
                    _output.Append("(?:");
                    Alternatives();
                    _output.Append(')');
                    return false;
                case ':':
                    Open("(?:");
                    (_ignoreCase, _dotAll, _extended) = outer;
                    return true;
                default:
                    _reader.Position--;
                    throw _reader.Wrong("a group of a kind that is not supported");
            }
        }
    }

    private void Escape()
    {
        if (_classes.TakeEscape() is { } set)
        {
            Set(set, fold: false);
            return;
        }

        if (_reader.TakeEscapedCharacter(inClass: false) is { } character)
        {
            Set(CodePointSet.Of(character), fold: true);
            return;
        }

        var word = SurrogateRegex.Write(UnicodeSets.Word);
        _output.Append((char)_reader.TakeCodePoint() switch
        {
            'A' => @"\A",
            'z' => @"\z",
            'Z' => @"(?=\n?\z)",
            'b' => $"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))",
            'B' => $"(?:(?<={word})(?={word})|(?<!{word})(?!{word}))",
            'R' => @"(?>\r\n|[\n\v\f\r\u0085\u2028\u2029])",
            'N' => SurrogateRegex.Write(CodePointSet.Of('\n').Complement()),
            'O' => SurrogateRegex.Write(CodePointSet.All),
            >= '1' and <= '9' and var digit => $@"(?:\{digit})",
            var other => throw _reader.Wrong($@"\{other} is not supported"),
        });
    }

    private void Set(CodePointSet set, bool fold) => _output.Append(SurrogateRegex.Write(fold && _ignoreCase ? CaseFolding.Close(set) : set));

    private void Quantifiers(int start)
    {
        for (var count = 0; TakeQuantifier() is var (quantifier, interval); count++)
        {
            if (count > 10)
            {
                throw _reader.Wrong("too many quantifiers follow each other");
            }

            // The atom as a whole; a second quantifier repeats what the first one made.
            _output.Insert(start, "(?:").Append(')').Append(quantifier);
            if (interval && _reader.Take("?"))
            {
                // {n}? makes the whole optional here, and {n,m}? is lazy.
                _output.Append('?');
                if (!quantifier.Contains(',', StringComparison.Ordinal))
                {
                    _output.Length--;
                    _output.Insert(start, "(?:").Append(")?");
                }
            }
            else if (!interval && _reader.Take("?"))
            {
                _output.Append('?');
            }
            else if (!interval && _reader.Take("+"))
            {
                _output.Insert(start, "(?>").Append(')');
            }
        }
    }

    private (string Text, bool Interval)? TakeQuantifier()
    {
        if (_reader.Current is '*' or '+' or '?' && !_reader.AtEnd)
        {
            return (((char)_reader.TakeCodePoint()).ToString(), false);
        }

        var start = _reader.Position;
        if (_reader.Take("{"))
        {
            var least = _reader.TakeNumber();
            var comma = _reader.Take(",");
            var most = comma ? _reader.TakeNumber() : least;
            if (_reader.Take("}") && (least is not null || most is not null))
            {
                return most < (least ?? 0) ? throw _reader.Wrong("a quantifier's numbers run backwards")
                    : (comma ? string.Create(CultureInfo.InvariantCulture, $"{{{least ?? 0},{most}}}") : string.Create(CultureInfo.InvariantCulture, $"{{{least}}}"), true);
            }

            _reader.Position = start;   // a brace as it is
        }

        return null;
    }
}
