using System.Globalization;
using System.Resources;

namespace ExperimentHub.Web.Components.Controls;

/// <summary>
/// Numbers as the pages show them: 4 significant digits, U+202F between thousands, a no-break space before units, a true minus. The same in
/// every language, so that columns line up.
/// </summary>
public static class Numbers
{
    public const string Minus = "\u2212";
    private const string Thousands = "\u202f";
    private const string BeforeUnit = "\u00a0";

    private static readonly ResourceManager s_texts = new(typeof(CommonText));

    private static readonly NumberFormatInfo s_format = new()
    {
        NegativeSign = Minus,
        NumberGroupSeparator = Thousands,
        NumberDecimalSeparator = ".",
        NaNSymbol = "NaN",
        PositiveInfinitySymbol = "∞",
        NegativeInfinitySymbol = Minus + "∞",
    };

    /// <summary>A whole number: <c>60 614</c>.</summary>
    public static string Count(long value) => value.ToString("N0", s_format);

    /// <summary>Four significant digits: <c>0.02870</c>, <c>5 990</c>, <c>1.909e−5</c>.</summary>
    public static string Significant(double value, int digits = 4)
    {
        if (!double.IsFinite(value) || value == 0)
        {
            return value.ToString(s_format);
        }

        var exponent = Exponent(value, digits);
        if (exponent is < -3 or > 14)
        {
            var mantissa = (value / Math.Pow(10, exponent)).ToString("F" + (digits - 1), s_format).TrimEnd('0').TrimEnd('.');
            return mantissa + "e" + exponent.ToString(s_format);
        }

        return value.ToString("N" + Math.Max(0, digits - 1 - exponent), s_format);
    }

    /// <summary>As short as it can be written and read back: settings and axis labels (<c>5e−5</c>, <c>0.01</c>).</summary>
    public static string Plain(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var e = text.IndexOf('E', StringComparison.Ordinal);
        if (e >= 0)
        {
            text = text[..e] + "e" + int.Parse(text[(e + 1)..], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        }
        else if (value != 0 && Math.Abs(value) < 0.001)
        {
            var exponent = Exponent(value, 15);
            text = Math.Round(value / Math.Pow(10, exponent), 12).ToString("R", CultureInfo.InvariantCulture)
                + "e" + exponent.ToString(CultureInfo.InvariantCulture);
        }

        return text.Replace("-", Minus, StringComparison.Ordinal);
    }

    /// <summary>A share between 0 and 1 with 4 decimals, so that columns line up: <c>0.9206</c>.</summary>
    public static string Ratio(double value) => value.ToString("F4", s_format);

    /// <summary><c>65.64 %</c> of a share of 1.</summary>
    public static string Percent(double share, int decimals = 2) => (100 * share).ToString("F" + decimals, s_format) + BeforeUnit + "%";

    /// <summary><c>26.95 M</c>, <c>148.6 k</c>.</summary>
    public static string Short(double value) => Math.Abs(value) switch
    {
        < 1000 => Significant(value).TrimEnd('0').TrimEnd('.') is { Length: > 0 } s && value % 1 != 0 ? s : value.ToString("N0", s_format),
        < 1e6 => Significant(value / 1e3) + BeforeUnit + "k",
        < 1e9 => Significant(value / 1e6) + BeforeUnit + "M",
        _ => Significant(value / 1e9) + BeforeUnit + "G",
    };

    /// <summary><c>102.8 MiB</c>.</summary>
    public static string Bytes(double bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var unit = 0;
        while (Math.Abs(bytes) >= 1024 && unit < units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return (unit == 0 ? Count((long)bytes) : Significant(bytes)) + BeforeUnit + units[unit];
    }

    /// <summary><c>6 min 06 s</c>, <c>1 h 05 min</c>, <c>0.8 s</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time < TimeSpan.Zero)
        {
            time = TimeSpan.Zero;
        }

        return time switch
        {
            { TotalSeconds: < 10 } => With(time.TotalSeconds.ToString("0.#", s_format), "s"),
            { TotalSeconds: < 60 } => With(time.Seconds.ToString(s_format), "s"),
            { TotalMinutes: < 60 } => With(time.Minutes.ToString(s_format), "min") + BeforeUnit + With(time.Seconds.ToString("00", s_format), "s"),
            { TotalHours: < 24 } => With(time.Hours.ToString(s_format), "h") + BeforeUnit + With(time.Minutes.ToString("00", s_format), "min"),
            _ => With(((int)time.TotalDays).ToString(s_format), "d") + BeforeUnit + With(time.Hours.ToString("00", s_format), "h"),
        };
    }

    /// <summary>With its sign: <c>+0.0183</c>, <c>−0.1694</c>.</summary>
    public static string Signed(double value, Func<double, string>? format = null)
    {
        format ??= v => Significant(v);
        return value > 0 ? "+" + format(value) : format(value);
    }

    private static string With(string number, string unit) => number + BeforeUnit + s_texts.GetString("Unit_" + unit, CultureInfo.CurrentUICulture);

    /// <summary>The power of ten of the first digit, after rounding to <paramref name="digits"/> digits.</summary>
    private static int Exponent(double value, int digits)
    {
        var exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return Math.Round(Math.Abs(value) / Math.Pow(10, exponent), digits - 1) >= 10 ? exponent + 1 : exponent;
    }
}
