using System.Globalization;
using System.Text;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>Dates as C's <c>strftime</c> writes them in its own locale, on Linux.</summary>
internal static class DateFormat
{
    public static string Format(Run run, string format)
    {
        var builder = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            run.Budget.CheckLength(builder.Length);
            if (format[i] != '%' || i + 1 == format.Length)
            {
                builder.Append(format[i]);
                continue;
            }

            var flag = format[++i] is '-' or '_' or '0' or '^' or '#' ? format[i++] : '\0';
            var width = i;
            while (i < format.Length && char.IsAsciiDigit(format[i]))
            {
                i++;
            }

            if (i == format.Length || i > width)
            {
                throw TemplateFault.Runtime("Invalid format string");
            }

            builder.Append(Flagged(Directive(run.Now, format[i]), flag, format[i]));
        }

        return builder.ToString();
    }

    private static string Flagged(string text, char flag, char directive)
    {
        // Only numbers have leading zeros to take away or to turn into blanks.
        var digits = text.Length > 1 && text.All(char.IsAsciiDigit) && directive != 'Y';
        return flag switch
        {
            '-' when digits => text.TrimStart('0', ' ') is { Length: > 0 } rest ? rest : "0",
            '-' => text.TrimStart(' '),
            '_' when digits => text.TrimStart('0').PadLeft(text.Length) is var padded && padded.TrimStart().Length > 0 ? padded : "0".PadLeft(text.Length),
            '0' => text.Replace(' ', '0'),
            '^' => text.ToUpperInvariant(),
            '#' => directive == 'p' ? text.ToLowerInvariant() : text.ToUpperInvariant(),
            _ => text,
        };
    }

    private static string Directive(DateTime now, char directive) => directive switch
    {
        'Y' => Text(now, "yyyy").TrimStart('0'),
        'C' => (now.Year / 100).ToString("00", CultureInfo.InvariantCulture),
        'y' => Text(now, "yy"),
        'm' => Text(now, "MM"),
        'd' => Text(now, "dd"),
        'e' => Text(now, "%d").PadLeft(2),
        'H' => Text(now, "HH"),
        'I' => Text(now, "hh"),
        'k' => Text(now, "%H").PadLeft(2),
        'l' => Text(now, "%h").PadLeft(2),
        'M' => Text(now, "mm"),
        'S' => Text(now, "ss"),
        'f' => Text(now, "ffffff"),
        'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'a' => Text(now, "ddd"),
        'A' => Text(now, "dddd"),
        'b' or 'h' => Text(now, "MMM"),
        'B' => Text(now, "MMMM"),
        'p' => Text(now, "tt"),
        'P' => Text(now, "tt").ToLowerInvariant(),
        'u' => (now.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'w' => ((int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'U' => ((now.DayOfYear + 6 - (int)now.DayOfWeek) / 7).ToString("00", CultureInfo.InvariantCulture),
        'W' => ((now.DayOfYear + 6 - (((int)now.DayOfWeek + 6) % 7)) / 7).ToString("00", CultureInfo.InvariantCulture),
        'V' => ISOWeek.GetWeekOfYear(now).ToString("00", CultureInfo.InvariantCulture),
        'G' => ISOWeek.GetYear(now).ToString(CultureInfo.InvariantCulture),
        'g' => (ISOWeek.GetYear(now) % 100).ToString("00", CultureInfo.InvariantCulture),
        'D' or 'x' => Text(now, "MM/dd/yy"),
        'F' => Text(now, "yyyy-MM-dd"),
        'T' or 'X' => Text(now, "HH:mm:ss"),
        'R' => Text(now, "HH:mm"),
        'r' => Text(now, "hh:mm:ss tt"),
        'c' => Text(now, "ddd MMM ") + Text(now, "%d").PadLeft(2) + Text(now, " HH:mm:ss yyyy"),
        's' => new DateTimeOffset(now).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        'z' or 'Z' => "",
        _ => "%" + directive,
    };

    private static string Text(DateTime now, string format) => now.ToString(format, CultureInfo.InvariantCulture);
}
