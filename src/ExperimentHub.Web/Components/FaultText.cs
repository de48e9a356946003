using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Components;

/// <summary>
/// Faults in the reader's language: <c>Error_{code}</c> of <c>FaultText.resx</c> is a format string over the arguments; a code without one
/// is told in the words of whoever found it.
/// </summary>
internal sealed class FaultText
{
    public static string Of(IStringLocalizer<FaultText> texts, string? code, IReadOnlyList<object>? arguments, string message)
    {
        var text = code is null ? null : texts["Error_" + code];
        return text is null or { ResourceNotFound: true }
            ? message
            : Filled(text.Value, arguments ?? [], message);
    }

    /// <summary>Of a fault that was stored: its arguments are a JSON array of texts.</summary>
    public static string OfStored(IStringLocalizer<FaultText> texts, string? code, string? arguments, string message) =>
        Of(texts, code, arguments is null ? null : JsonSerializer.Deserialize<string[]>(arguments), message);

    /// <summary>The arguments come from a worker: with fewer than the text has places for, its own words are told.</summary>
    private static string Filled(string text, IReadOnlyList<object> arguments, string message)
    {
        var format = CompositeFormat.Parse(text);
        return format.MinimumArgumentCount > arguments.Count ? message : string.Format(System.Globalization.CultureInfo.InvariantCulture, format, [.. arguments]);
    }
}
