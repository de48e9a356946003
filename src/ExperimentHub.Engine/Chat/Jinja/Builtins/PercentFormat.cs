using System.Numerics;
using System.Text;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary><c>'%s is %d' % (a, b)</c>.</summary>
internal sealed class PercentFormat
{
    private readonly Run _run;
    private readonly string _format;
    private readonly bool _isMarkup;
    private readonly Value _values;
    private readonly StringBuilder _builder = new();
    private int _at;
    private int _used;

    private PercentFormat(Run run, StrValue format, Value values)
    {
        (_run, _format, _isMarkup, _values) = (run, format.Text, format.IsMarkup, values);
    }

    public static Value Format(Run run, StrValue format, Value values)
    {
        var formatted = new PercentFormat(run, format, values).Format();
        return format.IsMarkup ? Html.Markup(run, formatted) : run.Text(formatted);
    }

    private string Format()
    {
        while (_at < _format.Length)
        {
            var next = _format.IndexOf('%', _at);
            var end = next < 0 ? _format.Length : next;
            _run.Budget.Step();
            _run.Budget.CheckLength(_builder.Length + end - _at);
            _builder.Append(_format, _at, end - _at);
            _at = end;
            if (next >= 0)
            {
                _at++;
                Directive();
            }
        }

        // One value that is no tuple may be left unused only if it can be looked into, as a mapping can.
        var unused = _values is TupleValue tuple ? _used < tuple.Values.Count : _used == 0 && _values is not (DictValue or ListValue or UndefinedValue or RangeValue);
        return unused ? throw TemplateFault.Runtime("not all arguments converted during string formatting") : _builder.ToString();
    }

    private void Directive()
    {
        Value? named = null;
        if (Peek() == '(')
        {
            named = Named();
        }

        var flags = new HashSet<char>();
        while (Peek() is '-' or '+' or ' ' or '#' or '0')
        {
            flags.Add(_format[_at++]);
        }

        var width = Amount();
        if (width is < 0)
        {
            flags.Add('-');
            width = -width;
        }

        int? precision = null;
        if (Peek() == '.')
        {
            _at++;
            precision = Math.Max(0, Amount() ?? 0);
        }

        while (Peek() is 'h' or 'l' or 'L')
        {
            _at++;
        }

        if (_at == _format.Length)
        {
            throw TemplateFault.Runtime("incomplete format");
        }

        var conversion = _format[_at++];
        if (conversion == '%')
        {
            _builder.Append('%');
            return;
        }

        Append(Convert(conversion, named ?? Next(), flags, precision), conversion, flags, width ?? 0);
    }

    private char Peek() => _at < _format.Length ? _format[_at] : '\0';

    private Value Named()
    {
        var depth = 0;
        var start = _at + 1;
        for (; _at < _format.Length; _at++)
        {
            depth += _format[_at] == '(' ? 1 : _format[_at] == ')' ? -1 : 0;
            if (depth == 0)
            {
                var name = _format[start.._at++];
                _used++;
                return _values is DictValue dict
                    ? dict.Find(name) ?? throw TemplateFault.Runtime(PythonText.Repr(name))
                    : throw TemplateFault.Runtime("format requires a mapping");
            }
        }

        throw TemplateFault.Runtime("incomplete format key");
    }

    private int? Amount()
    {
        if (Peek() == '*')
        {
            _at++;
            var value = Next();
            return value is IntValue ? Numbers.Clamped(value) : throw TemplateFault.Runtime("* wants int");
        }

        var start = _at;
        while (char.IsAsciiDigit(Peek()))
        {
            _at++;
        }

        return _at == start ? null : int.TryParse(_format.AsSpan(start, _at - start), out var amount) ? amount : throw TemplateFault.Runtime("width too big");
    }

    private Value Next()
    {
        _used++;
        return _values is TupleValue tuple
            ? _used <= tuple.Values.Count ? tuple.Values[_used - 1] : throw TemplateFault.Runtime("not enough arguments for format string")
            : _used == 1 ? _values : throw TemplateFault.Runtime("not enough arguments for format string");
    }

    private string Convert(char conversion, Value value, HashSet<char> flags, int? precision)
    {
        switch (conversion)
        {
            case 's' or 'r' or 'a':
                var text = conversion == 's' ? _run.Str(value) : Printing.Repr(_run.Budget, value);
                text = _isMarkup && value is not StrValue { IsMarkup: true } ? Html.Escape(text) : text;
                return precision is { } most && most < CodePointText.Count(text) ? Slicing.Cut(new StrValue(text), 0, most, 1).Text : text;
            case 'c':
                return value is StrValue one && one.CodePoints == 1 ? one.Text
                    : Numbers.IsInteger(value, out var point) && point >= 0 && point < 0x110000 && !(point >= 0xd800 && point < 0xe000) ? char.ConvertFromUtf32((int)point)
                    : throw TemplateFault.Runtime("%c requires int or char");
            case 'd' or 'i' or 'u':
                var number = value is FloatValue { Number: var whole } && double.IsFinite(whole) ? new BigInteger(whole) : Integer(value, conversion);
                return Signed(number.Sign < 0, Numbers.Text(BigInteger.Abs(number)).PadLeft(Math.Min(precision ?? 0, 10_000), '0'), flags);
            case 'x' or 'X' or 'o':
                var integer = Integer(value, conversion);
                var digits = StrFormat.InBase(BigInteger.Abs(integer), conversion == 'o' ? 8 : 16);
                digits = (flags.Contains('#') ? conversion == 'o' ? "0o" : "0x" : "") + digits.PadLeft(Math.Min(precision ?? 0, 10_000), '0');
                return Signed(integer.Sign < 0, conversion == 'X' ? digits.ToUpperInvariant() : digits, flags);
            case 'f' or 'F' or 'e' or 'E' or 'g' or 'G':
                var real = value is StrValue ? throw TemplateFault.Runtime("must be real number, not str") : Numbers.Double(value);
                return Signed(double.IsNegative(real) && !double.IsNaN(real), StrFormat.Real(Math.Abs(real), conversion, precision ?? 6, flags.Contains('#')), flags);
            default:
                throw TemplateFault.Runtime($"unsupported format character '{InputException.Quote(conversion.ToString())}' at index {_at - 1}");
        }
    }

    private static BigInteger Integer(Value value, char conversion) => Numbers.IsInteger(value, out var number) ? number
        : value is UndefinedValue undefined ? throw undefined.Fault()
        : throw TemplateFault.Runtime($"%{conversion} format: a real number is required, not {value.TypeName}");

    private static string Signed(bool isNegative, string digits, HashSet<char> flags) =>
        (isNegative ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "") + digits;

    private void Append(string text, char conversion, HashSet<char> flags, int width)
    {
        var missing = (long)width - CodePointText.Count(text);
        _run.Budget.CheckLength(_builder.Length + text.Length + Math.Max(0, missing));
        if (missing <= 0)
        {
            _builder.Append(text);
        }
        else if (flags.Contains('-'))
        {
            _builder.Append(text).Append(' ', (int)missing);
        }
        else if (flags.Contains('0') && conversion is not ('s' or 'r' or 'a' or 'c') && char.IsAsciiLetterOrDigit(text[^1]) && !text.EndsWith("inf", StringComparison.OrdinalIgnoreCase))
        {
            var head = text[0] is '-' or '+' or ' ' ? 1 : 0;
            head += text.AsSpan(head).StartsWith("0x", StringComparison.OrdinalIgnoreCase) || text.AsSpan(head).StartsWith("0o", StringComparison.Ordinal) ? 2 : 0;
            _builder.Append(text, 0, head).Append('0', (int)missing).Append(text, head, text.Length - head);
        }
        else
        {
            _builder.Append(' ', (int)missing).Append(text);
        }
    }
}
