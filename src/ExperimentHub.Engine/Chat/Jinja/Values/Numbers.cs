using System.Globalization;
using System.Numerics;
using ExperimentHub.Engine.Chat.Jinja.Builtins;

namespace ExperimentHub.Engine.Chat.Jinja.Values;

/// <summary>Numbers as Python converts and writes them.</summary>
internal static class Numbers
{
    /// <summary>Python writes and reads no longer integers in decimal.</summary>
    private const int MaxDigits = 4300;

    public static bool IsNumber(Value value) => value is IntValue or FloatValue or BoolValue;

    /// <summary>True for integers and booleans, which count as 0 and 1.</summary>
    public static bool IsInteger(Value value, out BigInteger number)
    {
        number = value switch
        {
            IntValue integer => integer.Number,
            BoolValue { IsTrue: true } => BigInteger.One,
            _ => BigInteger.Zero,
        };
        return value is IntValue or BoolValue;
    }

    /// <summary>An argument that Python needs as an integer.</summary>
    public static BigInteger Integer(Value value) =>
        IsInteger(value, out var number) ? number
        : value is UndefinedValue ? throw TemplateFault.Runtime("'Undefined' object cannot be interpreted as an integer")
        : throw TemplateFault.Runtime($"'{value.TypeName}' object cannot be interpreted as an integer");

    /// <summary>An integer argument, cut to what fits: nothing a template makes is as long as that.</summary>
    public static int Clamped(Value value) => (int)BigInteger.Clamp(Integer(value), int.MinValue + 1, int.MaxValue);

    public static double Double(Value value)
    {
        if (value is FloatValue number)
        {
            return number.Number;
        }

        if (!IsInteger(value, out var integer))
        {
            throw value is UndefinedValue undefined ? undefined.Fault() : TemplateFault.Runtime($"must be real number, not {value.TypeName}");
        }

        var converted = (double)integer;
        return double.IsFinite(converted) ? converted : throw TemplateFault.Runtime("int too large to convert to float");
    }

    public static string Text(BigInteger number) =>
        number.GetBitLength() <= 14_000 ? number.ToString(CultureInfo.InvariantCulture)
        : throw TemplateFault.Runtime($"Exceeds the limit ({MaxDigits} digits) for integer string conversion");

    /// <summary>As Python's repr: the shortest digits that read back as the same number.</summary>
    public static string Text(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }

        var (sign, digits, exponent) = Shortest(number);
        if (exponent is < -4 or >= 16)
        {
            return $"{sign}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        return sign + (exponent < 0 ? "0." + new string('0', -exponent - 1) + digits
            : exponent + 1 >= digits.Length ? digits + new string('0', exponent + 1 - digits.Length) + ".0"
            : digits[..(exponent + 1)] + "." + digits[(exponent + 1)..]);
    }

    /// <summary>Sign, significant digits and the power of ten of the first.</summary>
    public static (string Sign, string Digits, int Exponent) Shortest(double number)
    {
        var round = number.ToString("R", CultureInfo.InvariantCulture);
        var sign = double.IsNegative(number) ? "-" : "";
        var mark = round.IndexOf('E', StringComparison.Ordinal);
        var mantissa = (mark < 0 ? round : round[..mark]).TrimStart('-');
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0').TrimEnd('0');
        if (digits.Length == 0)
        {
            return (sign, "0", 0);
        }

        if (mark >= 0)
        {
            var power = int.Parse(round.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

            // At some powers of two .NET stops a digit too early, and the text reads back as another number.
            return double.Parse(round, CultureInfo.InvariantCulture) == number
                ? (sign, digits, power)
                : (sign, NumberFormat.Scaled(number, 16 - power).ToString(CultureInfo.InvariantCulture).TrimEnd('0'), power);
        }

        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var fraction = point < 0 ? "" : mantissa[(point + 1)..];
        var exponent = mantissa[0] != '0'
            ? (point < 0 ? mantissa.Length : point) - 1
            : fraction.TrimStart('0').Length - fraction.Length - 1;
        return (sign, digits, exponent);
    }

    /// <summary>As Python's <c>float(text)</c>; null where it would fail.</summary>
    public static double? ParseFloat(string text)
    {
        var trimmed = PythonText.Strip(text);
        var plain = trimmed.ToUpperInvariant().TrimStart('+', '-');
        if (trimmed.Length - plain.Length <= 1 && plain is "INF" or "INFINITY" or "NAN")
        {
            return plain == "NAN" ? double.NaN : trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        }

        return Underscored(trimmed) is { } digits && digits.All(c => char.IsAsciiDigit(c) || c is '.' or 'e' or 'E' or '+' or '-')
            && double.TryParse(digits, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }

    /// <summary>As Python's <c>int(text, base)</c>; null where it would fail.</summary>
    public static BigInteger? ParseInteger(string text, int radix)
    {
        var trimmed = PythonText.Strip(text);
        var negative = trimmed.StartsWith('-');
        var digits = negative || trimmed.StartsWith('+') ? trimmed[1..] : trimmed;
        var prefix = digits.Length > 1 && digits[0] == '0' ? char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 } : 0;
        if (prefix != 0 && (radix == prefix || radix == 0))
        {
            (radix, digits) = (prefix, digits[2..].StartsWith('_') ? digits[3..] : digits[2..]);
        }
        else if (radix == 0)
        {
            if (digits.Length > 1 && digits[0] == '0' && digits.Any(c => c is not ('0' or '_')))
            {
                return null;
            }

            radix = 10;
        }

        if (Underscored(digits) is not { Length: > 0 and <= MaxDigits } plain)
        {
            return null;
        }

        var number = BigInteger.Zero;
        foreach (var c in plain)
        {
            var digit = char.IsDigit(c) ? (int)char.GetNumericValue(c) : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : int.MaxValue;
            if (digit >= radix)
            {
                return null;
            }

            number = (number * radix) + digit;
        }

        return negative ? -number : number;
    }

    /// <summary>Underscores may stand between digits only.</summary>
    private static string? Underscored(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '_' && (i == 0 || i == text.Length - 1 || !char.IsLetterOrDigit(text[i - 1]) || !char.IsLetterOrDigit(text[i + 1])))
            {
                return null;
            }
        }

        return text.Replace("_", "", StringComparison.Ordinal);
    }
}
