using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>What stands behind the colon of a format field: <c>[[fill]align][sign][z][#][0][width][grouping][.precision][type]</c>.</summary>
internal static partial class FormatSpecification
{
    public static string Apply(Run run, Value value, string specification)
    {
        if (specification.Length == 0)
        {
            return run.Str(value);
        }

        if (value is not (StrValue or IntValue or BoolValue or FloatValue))
        {
            throw TemplateFault.Runtime($"unsupported format string passed to {value.TypeName}.__format__");
        }

        var match = Pattern().Match(specification);
        if (!match.Success)
        {
            throw TemplateFault.Runtime($"Invalid format specifier '{InputException.Quote(specification)}' for object of type '{value.TypeName}'");
        }

        var type = match.Groups["type"].Value is { Length: 1 } letter ? letter[0] : '\0';
        int? precision = match.Groups["precision"].Success ? Amount(match.Groups["precision"].Value) : null;
        var (sign, body) = value is StrValue text
            ? ("", Text(text.Text, type, precision, match))
            : Number(value, type, precision, match);
        return Pad(run, sign, body, match, value is StrValue);
    }

    private static string Text(string text, char type, int? precision, Match match)
    {
        if (type is not ('\0' or 's') || match.Groups["sign"].Success || match.Groups["grouping"].Success || match.Groups["align"].Value == "=")
        {
            throw TemplateFault.Runtime($"Unknown format code '{type}' for object of type 'str'");
        }

        return precision is { } most && most < CodePointText.Count(text) ? Slicing.Cut(new StrValue(text), 0, most, 1).Text : text;
    }

    private static (string Sign, string Body) Number(Value value, char type, int? precision, Match match)
    {
        var alternate = match.Groups["alternate"].Success;
        bool isNegative;
        string body;
        if (Numbers.IsInteger(value, out var number) && type is '\0' or 'd' or 'b' or 'o' or 'x' or 'X' or 'c' or 'n')
        {
            if (precision is not null)
            {
                throw TemplateFault.Runtime("Precision not allowed in integer format specifier");
            }

            isNegative = number.Sign < 0;
            var absolute = BigInteger.Abs(number);
            body = type switch
            {
                'b' => (alternate ? "0b" : "") + StrFormat.InBase(absolute, 2),
                'o' => (alternate ? "0o" : "") + StrFormat.InBase(absolute, 8),
                'x' => (alternate ? "0x" : "") + StrFormat.InBase(absolute, 16),
                'X' => (alternate ? "0X" : "") + StrFormat.InBase(absolute, 16).ToUpperInvariant(),
                'c' => !isNegative && absolute < 0x110000 && !(absolute >= 0xd800 && absolute < 0xe000) ? char.ConvertFromUtf32((int)absolute) : throw TemplateFault.Runtime("%c arg not in range(0x110000)"),
                _ => Numbers.Text(absolute),
            };
        }
        else if (type is '\0' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or 'n' or '%')
        {
            var real = Numbers.Double(value);
            isNegative = double.IsNegative(real) && !double.IsNaN(real);
            var absolute = Math.Abs(real);
            body = type switch
            {
                '%' => StrFormat.Real(absolute * 100, 'f', precision ?? 6, alternate) + "%",
                '\0' when precision is null => Numbers.Text(absolute),
                '\0' => WithPoint(StrFormat.Real(absolute, 'g', precision!.Value, alternate), precision.Value),
                'n' => StrFormat.Real(absolute, 'g', precision ?? 6, alternate),
                _ => StrFormat.Real(absolute, type, precision ?? 6, alternate),
            };
        }
        else
        {
            throw TemplateFault.Runtime($"Unknown format code '{type}' for object of type '{value.TypeName}'");
        }

        return (isNegative ? "-" : match.Groups["sign"].Value is "+" or " " ? match.Groups["sign"].Value : "", Grouped(body, match.Groups["grouping"].Value, type));
    }

    /// <summary>Without a type a float keeps at least one digit behind the point, unless it is written with an exponent.</summary>
    private static string WithPoint(string text, int precision) =>
        text.Contains('.', StringComparison.Ordinal) || text.Contains('e', StringComparison.Ordinal) || !char.IsAsciiDigit(text[^1]) ? text
        : text.Length >= precision ? Exponential(text, precision) : text + ".0";

    private static string Exponential(string digits, int precision) => digits.Length > precision || precision == digits.Length
        ? NumberFormat.Scientific(double.Parse(digits, CultureInfo.InvariantCulture), Math.Max(0, precision - 1), 'e') is var text
            && text.Split('e') is [var mantissa, var exponent] ? (mantissa.Contains('.', StringComparison.Ordinal) ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa) + "e" + exponent : digits
        : digits;

    private static string Grouped(string body, string separator, char type)
    {
        if (separator.Length == 0)
        {
            return body;
        }

        var end = 0;
        while (end < body.Length && char.IsAsciiHexDigit(body[end]) && (type is 'x' or 'X' || char.IsAsciiDigit(body[end])))
        {
            end++;
        }

        var size = type is 'b' or 'o' or 'x' or 'X' ? 4 : 3;
        for (var at = end - size; at > 0; at -= size)
        {
            body = body.Insert(at, separator);
        }

        return body;
    }

    private static string Pad(Run run, string sign, string body, Match match, bool isText)
    {
        var width = match.Groups["width"].Success ? Amount(match.Groups["width"].Value) : 0;
        var missing = width - CodePointText.Count(sign) - CodePointText.Count(body);
        if (missing <= 0)
        {
            return sign + body;
        }

        var zero = match.Groups["zero"].Success;
        var fill = match.Groups["fill"].Success ? match.Groups["fill"].Value : zero ? "0" : " ";
        var align = match.Groups["align"].Success ? match.Groups["align"].Value : isText ? "<" : zero ? "=" : ">";
        run.Budget.Text((long)missing * fill.Length);
        var left = align switch
        {
            "<" => 0,
            "^" => missing / 2,
            _ => missing,
        };
        var (before, after) = (Repeat(fill, left), Repeat(fill, missing - left));
        return align == "=" ? sign + before + body : before + sign + body + after;
    }

    private static string Repeat(string fill, int count) => fill.Length == 1 ? new string(fill[0], count) : string.Concat(Enumerable.Repeat(fill, count));

    private static int Amount(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) ? amount : throw TemplateFault.Runtime("Too many decimal digits in format string");

    [GeneratedRegex(@"^(?:(?<fill>[\uD800-\uDBFF][\uDC00-\uDFFF]|.)?(?<align>[<>=^]))?(?<sign>[-+ ])?(?:z)?(?<alternate>\#)?(?<zero>0)?(?<width>[0-9]+)?(?<grouping>[,_])?(?:\.(?<precision>[0-9]+))?(?<type>[a-zA-Z%])?\z", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
