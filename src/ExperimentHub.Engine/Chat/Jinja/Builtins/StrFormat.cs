using System.Numerics;
using System.Text;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary><c>'{} {name!r:&gt;8}'.format(…)</c>, where fields reach attributes by the rules of the sandbox.</summary>
internal sealed class StrFormat
{
    private readonly Run _run;
    private readonly bool _isMarkup;
    private readonly IReadOnlyList<Value> _positional;
    private readonly Func<string, Value?> _named;
    private int _next;
    private bool _isManual;

    private StrFormat(Run run, bool isMarkup, IReadOnlyList<Value> positional, Func<string, Value?> named)
    {
        (_run, _isMarkup, _positional, _named) = (run, isMarkup, positional, named);
    }

    public static string Format(Run run, StrValue format, IReadOnlyList<Value> positional, Func<string, Value?> named) =>
        new StrFormat(run, format.IsMarkup, positional, named).Format(format.Text, depth: 2);

    public static string InBase(BigInteger number, int radix)
    {
        if (number.IsZero)
        {
            return "0";
        }

        var digits = new StringBuilder();
        var bits = radix switch { 2 => 1, 8 => 3, _ => 4 };
        for (; !number.IsZero; number >>= bits)
        {
            digits.Insert(0, "0123456789abcdef"[(int)(number & (radix - 1))]);
        }

        return digits.ToString();
    }

    /// <summary>A number that is not negative, by one of the letters e, f and g.</summary>
    public static string Real(double number, char conversion, int precision, bool keepZeros)
    {
        var text = !double.IsFinite(number) ? double.IsNaN(number) ? "nan" : "inf" : char.ToLowerInvariant(conversion) switch
        {
            'f' => NumberFormat.Fixed(number, precision) + (keepZeros && precision == 0 ? "." : ""),
            'e' => NumberFormat.Scientific(number, precision, 'e'),
            _ => NumberFormat.General(number, precision, 'e', keepZeros),
        };
        return char.IsUpper(conversion) ? text.ToUpperInvariant() : text;
    }

    private string Format(string format, int depth)
    {
        if (depth < 0)
        {
            throw TemplateFault.Runtime("Max string recursion exceeded");
        }

        var builder = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            _run.Budget.Step();
            _run.Budget.CheckLength(builder.Length);
            var c = format[at];
            if (c is '{' or '}' && at + 1 < format.Length && format[at + 1] == c)
            {
                builder.Append(c);
                at++;
            }
            else if (c == '}')
            {
                throw TemplateFault.Runtime("Single '}' encountered in format string");
            }
            else if (c == '{')
            {
                var end = End(format, at);
                builder.Append(Field(format[(at + 1)..end], depth));
                at = end;
            }
            else
            {
                builder.Append(c);
            }
        }

        return builder.ToString();
    }

    private static int End(string format, int start)
    {
        var depth = 0;
        for (var at = start; at < format.Length; at++)
        {
            depth += format[at] == '{' ? 1 : format[at] == '}' ? -1 : 0;
            if (depth == 0)
            {
                return at;
            }
        }

        throw TemplateFault.Runtime(start == format.Length - 1 ? "Single '{' encountered in format string" : "expected '}' before end of string");
    }

    private string Field(string field, int depth)
    {
        var inBrackets = false;
        var end = 0;
        for (; end < field.Length && (inBrackets || field[end] is not ('!' or ':')); end++)
        {
            inBrackets = field[end] == '[' || (inBrackets && field[end] != ']');
        }

        var (name, rest) = (field[..end], field[end..]);
        var conversion = '\0';
        if (rest.StartsWith('!'))
        {
            conversion = rest.Length > 1 ? rest[1] : throw TemplateFault.Runtime("end of string while looking for conversion specifier");
            rest = rest[2..];
            if (rest.Length > 0 && rest[0] != ':')
            {
                throw TemplateFault.Runtime("expected ':' after conversion specifier");
            }
        }

        var value = Value(name);
        value = conversion switch
        {
            '\0' => value,
            's' => StrValue.Of(_run.Str(value)),
            'r' or 'a' => StrValue.Of(Printing.Repr(_run.Budget, value)),
            _ => throw TemplateFault.Runtime($"Unknown conversion specifier '{InputException.Quote(conversion.ToString())}'"),
        };
        var specification = rest.Length > 1 ? Format(rest[1..], depth - 1) : "";
        var text = FormatSpecification.Apply(_run, value, specification);
        return _isMarkup && value is not StrValue { IsMarkup: true } ? Html.Escape(text) : text;
    }

    private Value Value(string name)
    {
        var end = name.AsSpan().IndexOfAny('.', '[');
        var first = end < 0 ? name : name[..end];
        var value = First(first);
        for (var at = end < 0 ? name.Length : end; at < name.Length;)
        {
            _run.Budget.Step();
            if (name[at] == '.')
            {
                var next = name.AsSpan(at + 1).IndexOfAny('.', '[') is var found and >= 0 ? at + 1 + found : name.Length;
                value = Lookup.Attribute(_run, value, name[(at + 1)..next]);
                at = next;
            }
            else
            {
                var close = name[at] == '[' ? name.IndexOf(']', at) : -1;
                if (close <= at + 1)
                {
                    throw TemplateFault.Runtime("Empty attribute in format string");
                }

                var index = name[(at + 1)..close];
                value = Lookup.Item(_run, value, index.All(char.IsAsciiDigit) ? IntValue.Of(BigInteger.Parse(index, System.Globalization.CultureInfo.InvariantCulture)) : StrValue.Of(index));
                at = close + 1;
            }
        }

        return value;
    }

    private Value First(string name)
    {
        if (name.Length > 0 && !name.All(char.IsAsciiDigit))
        {
            return _named(name) ?? throw TemplateFault.Runtime(PythonText.Repr(name));
        }

        if (name.Length == 0 ? _isManual : _next > 0)
        {
            throw TemplateFault.Runtime("cannot switch between manual field specification and automatic field numbering");
        }

        _isManual |= name.Length > 0;
        var place = name.Length == 0 ? _next++ : int.TryParse(name, out var given) ? given : int.MaxValue;
        return place < _positional.Count ? _positional[place] : throw TemplateFault.Runtime($"Replacement index {place} out of range for positional args tuple");
    }
}
