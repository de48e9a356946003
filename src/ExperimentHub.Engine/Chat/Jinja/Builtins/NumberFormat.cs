using System.Globalization;
using System.Numerics;
using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>Floats with a given number of digits, rounded as Python rounds: by the exact binary value, half to even.</summary>
internal static class NumberFormat
{
    private const int MaxPrecision = 10_000;

    /// <summary>Without a sign.</summary>
    public static string Fixed(double number, int precision)
    {
        var digits = Scaled(number, Checked(precision)).ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        return precision == 0 ? digits : $"{digits[..^precision]}.{digits[^precision..]}";
    }

    /// <summary><c>1.5e+06</c>, without a sign.</summary>
    public static string Scientific(double number, int precision, char mark)
    {
        var (digits, exponent) = Significant(number, Checked(precision) + 1);
        return $"{digits[0]}{(precision > 0 ? "." + digits[1..] : "")}{mark}{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    /// <summary>The shorter of both, as <c>%g</c> chooses; trailing zeros go unless <paramref name="keepZeros"/>.</summary>
    public static string General(double number, int precision, char mark, bool keepZeros)
    {
        precision = Math.Max(1, Checked(precision));
        var (digits, exponent) = Significant(number, precision);
        if (!keepZeros)
        {
            digits = digits.TrimEnd('0') is { Length: > 0 } rest ? rest : "0";
        }

        if (exponent < -4 || exponent >= precision)
        {
            return $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}{mark}{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        return exponent < 0 ? "0." + new string('0', -exponent - 1) + digits
            : digits.Length <= exponent + 1 ? digits.PadRight(exponent + 1, '0')
            : $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary>As Python's <c>round(number, digits)</c>.</summary>
    public static double Round(double number, int digits)
    {
        if (!double.IsFinite(number) || digits > 350)
        {
            return number;
        }

        if (digits < -310)
        {
            return Math.CopySign(0, number);
        }

        var scaled = Scaled(Math.Abs(number), digits);
        var rounded = double.Parse($"{scaled}E{-digits}", NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsInfinity(rounded) ? throw TemplateFault.Runtime("rounded value too large to represent") : Math.CopySign(rounded, number);
    }

    /// <summary>The absolute value times a power of ten, rounded to an integer, half to even.</summary>
    public static BigInteger Scaled(double number, int digits)
    {
        var bits = BitConverter.DoubleToInt64Bits(Math.Abs(number));
        var exponent = (int)(bits >> 52);
        var mantissa = new BigInteger(exponent == 0 ? bits & 0xfffffffffffff : (bits & 0xfffffffffffff) | 0x10000000000000);
        exponent = Math.Max(exponent, 1) - 1075;
        var numerator = mantissa * BigInteger.Pow(2, Math.Max(0, exponent)) * BigInteger.Pow(10, Math.Max(0, digits));
        var denominator = BigInteger.Pow(2, Math.Max(0, -exponent)) * BigInteger.Pow(10, Math.Max(0, -digits));
        return HalfToEven(numerator, denominator);
    }

    public static BigInteger HalfToEven(BigInteger numerator, BigInteger denominator)
    {
        var quotient = BigInteger.DivRem(numerator, denominator, out var remainder);
        var twice = BigInteger.Abs(remainder) * 2;
        var order = twice.CompareTo(denominator);
        return order > 0 || (order == 0 && !quotient.IsEven) ? quotient + (numerator.Sign < 0 ? -1 : 1) : quotient;
    }

    private static (string Digits, int Exponent) Significant(double number, int count)
    {
        if (number == 0)
        {
            return (new string('0', count), 0);
        }

        var exponent = Numbers.Shortest(number).Exponent;
        var digits = Scaled(number, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
        return digits.Length > count ? (digits[..count], exponent + 1)
            : digits.Length < count ? (Scaled(number, count - exponent).ToString(CultureInfo.InvariantCulture)[..count], exponent - 1)
            : (digits, exponent);
    }

    private static int Checked(int precision) =>
        precision <= MaxPrecision ? precision : throw TemplateFault.Limit($"it prints numbers with more than {MaxPrecision} digits");
}
