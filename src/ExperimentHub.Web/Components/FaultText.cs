using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Components;

/// <summary>
/// Faults in the reader's language: <c>Error_{code}</c> of <c>FaultText.resx</c> is a format string over the arguments; a code without one
/// is told in the words of whoever found it.
/// </summary>
internal sealed class FaultText
{
    /// <summary>The arguments of a stored sentence: an array of texts as JSON.</summary>
    public static IReadOnlyList<object>? Arguments(string? json) => json is null ? null : System.Text.Json.JsonSerializer.Deserialize<string[]>(json);

    public static string Of(IStringLocalizer<FaultText> texts, string? code, IReadOnlyList<object>? arguments, string message)
    {
        var text = code is null ? null : texts["Error_" + code];
        return text is null or { ResourceNotFound: true }
            ? message
            : string.Format(System.Globalization.CultureInfo.InvariantCulture, text.Value, [.. arguments ?? []]);
    }
}
