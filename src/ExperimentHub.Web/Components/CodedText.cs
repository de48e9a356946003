using System.Globalization;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Components;

/// <summary>What a worker found, in the reader's language: the resource named by its code is a format string over its arguments.</summary>
internal static class CodedText
{
    /// <summary>A code without a text is told in the words of whoever found it.</summary>
    public static string Of(IStringLocalizer texts, string key, IReadOnlyList<object> arguments, string otherwise)
    {
        var text = texts[key];
        return text.ResourceNotFound ? otherwise : string.Format(CultureInfo.InvariantCulture, text.Value, [.. arguments]);
    }
}
