using ExperimentHub.Engine;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Web.Components;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Datasets.Pages;

/// <summary>Problems, warnings and guesses in the reader's language, by their codes; one without a text is told as the worker found it.</summary>
internal static class ProblemText
{
    public static string Of(IStringLocalizer<DatasetText> texts, RowProblem problem) => CodedText.Of(texts, "Problem_" + problem.Code, problem.Arguments, problem.Message);

    public static string Of(IStringLocalizer<DatasetText> texts, Guess guess) => CodedText.Of(texts, "Guess_" + guess.Code, guess.Arguments, guess.Reason);

    public static string Of(IStringLocalizer<DatasetText> texts, Warning warning) => CodedText.Of(texts, "Warning_" + warning.Code, warning.Arguments, warning.Message);
}
