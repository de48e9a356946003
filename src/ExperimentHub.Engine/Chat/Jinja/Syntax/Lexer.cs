using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Syntax;

/// <summary>
/// Cuts a template into text and tags, with the blanks around tags as transformers has them: <c>trim_blocks</c> takes the newline behind
/// a block or comment, <c>lstrip_blocks</c> the blanks before it on its line.
/// </summary>
internal sealed class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _line = 1;
    private bool _atLineStart = true;

    private Lexer(string source) => _source = source;

    public static IReadOnlyList<Token> Read(string template)
    {
        var source = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var lexer = new Lexer(source.EndsWith('\n') ? source[..^1] : source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        while (_at < _source.Length)
        {
            var tag = NextTag();
            if (tag < 0)
            {
                Add(TokenKind.Data, _source[_at..]);
                Move(_source.Length);
                break;
            }

            ReadTag(tag);
        }

        Add(TokenKind.End, "");
    }

    /// <summary>Where the next tag or comment begins; -1 if only text is left.</summary>
    private int NextTag()
    {
        for (var at = _at; (at = _source.IndexOf('{', at)) >= 0 && at + 1 < _source.Length; at++)
        {
            if (_source[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }

        return -1;
    }

    private void ReadTag(int tag)
    {
        var kind = _source[tag + 1];
        var sign = tag + 2 < _source.Length && _source[tag + 2] is '-' or '+' ? _source[tag + 2] : '\0';
        AddText(_source[_at..tag], sign, strips: kind != '{');
        var inside = tag + (sign == '\0' ? 2 : 3);
        if (kind == '%' && RawBegin(inside) is { } rawStart)
        {
            Move(rawStart);
            ReadRaw();
            return;
        }

        Move(inside);
        switch (kind)
        {
            case '#':
                SkipComment();
                break;
            case '{':
                Add(TokenKind.VariableBegin, "");
                new TagLexer(this).ReadTo('}');
                break;
            default:
                Add(TokenKind.BlockBegin, "");
                new TagLexer(this).ReadTo('%');
                break;
        }
    }

    /// <summary>Adds text before a tag, without the blanks that the tag takes.</summary>
    private void AddText(string text, char sign, bool strips)
    {
        var kept = text;
        if (sign == '-')
        {
            kept = PythonText.StripEnd(text);
        }
        else if (sign != '+' && strips)
        {
            var lineStart = text.LastIndexOf('\n') + 1;
            if ((lineStart > 0 || _atLineStart) && text.AsSpan(lineStart).ToString().All(PythonText.IsSpace))
            {
                kept = text[..lineStart];
            }
        }

        if (kept.Length > 0)
        {
            Add(TokenKind.Data, kept);
        }

        _line += text.AsSpan().Count('\n');
        _at += text.Length;
    }

    private int? RawBegin(int at)
    {
        at = SkipSpaces(at);
        if (!_source.AsSpan(at).StartsWith("raw", StringComparison.Ordinal))
        {
            return null;
        }

        at = SkipSpaces(at + 3);
        return Ends(at, "-%}") ? SkipSpaces(at + 3) : Ends(at, "%}") ? at + 2 : null;
    }

    private void ReadRaw()
    {
        for (var tag = _at; (tag = _source.IndexOf("{%", tag, StringComparison.Ordinal)) >= 0; tag++)
        {
            var sign = tag + 2 < _source.Length && _source[tag + 2] is '-' or '+' ? _source[tag + 2] : '\0';
            var at = SkipSpaces(tag + (sign == '\0' ? 2 : 3));
            if (!_source.AsSpan(at).StartsWith("endraw", StringComparison.Ordinal))
            {
                continue;
            }

            if (BlockEnd(SkipSpaces(at + 6)) is { } end)
            {
                AddText(_source[_at..tag], sign, strips: true);
                Move(end);
                return;
            }
        }

        throw TemplateFault.Syntax("Missing end of raw directive", _line);
    }

    private void SkipComment()
    {
        var end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0)
        {
            throw TemplateFault.Syntax("Missing end of comment tag", _line);
        }

        Move(end > _at && _source[end - 1] == '-' ? SkipSpaces(end + 2)
            : end > _at && _source[end - 1] == '+' ? end + 2
            : SkipNewline(end + 2));
    }

    /// <summary>Behind the end of a block tag that begins here; null if none does.</summary>
    internal int? BlockEnd(int at) => Ends(at, "+%}") ? at + 3 : Ends(at, "-%}") ? SkipSpaces(at + 3) : Ends(at, "%}") ? SkipNewline(at + 2) : null;

    internal int? VariableEnd(int at) => Ends(at, "-}}") ? SkipSpaces(at + 3) : Ends(at, "}}") ? at + 2 : null;

    internal string Source => _source;

    internal int Position => _at;

    internal int Line => _line;

    internal void Add(TokenKind kind, string text, Value? number = null) => _tokens.Add(new Token(kind, text, _line, number));

    /// <summary>Goes on to a place, and counts the lines between.</summary>
    internal void Move(int to)
    {
        _line += _source.AsSpan(_at, to - _at).Count('\n');
        _atLineStart = to > 0 && _source[to - 1] == '\n';
        _at = to;
    }

    internal int SkipSpaces(int at)
    {
        while (at < _source.Length && PythonText.IsSpace(_source[at]))
        {
            at++;
        }

        return at;
    }

    private int SkipNewline(int at) => at < _source.Length && _source[at] == '\n' ? at + 1 : at;

    private bool Ends(int at, string sign) => at <= _source.Length && _source.AsSpan(at).StartsWith(sign, StringComparison.Ordinal);
}
