using System.Globalization;
using ExperimentHub.Engine.Datasets;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Datasets.Pages;

/// <summary>Problems, warnings and guesses in the reader's language, by their codes; one without a text is told as the worker found it.</summary>
internal static class ProblemText
{
    public static string Of(IStringLocalizer<DatasetText> texts, RowProblem problem) => Say(texts, "Problem_" + problem.Code, problem.Arguments, problem.Message);

    public static string Of(IStringLocalizer<DatasetText> texts, Guess guess) => Say(texts, "Guess_" + guess.Code, guess.Arguments, guess.Reason);

    public static string Of(IStringLocalizer<DatasetText> texts, DatasetWarning warning) => Say(texts, "Warning_" + warning.Code, warning.Arguments, warning.Message);

    private static string Say(IStringLocalizer<DatasetText> texts, string key, IReadOnlyList<object> arguments, string otherwise)
    {
        var text = texts[key];
        return text.ResourceNotFound ? otherwise : string.Format(CultureInfo.InvariantCulture, text.Value, [.. arguments]);
    }
}
