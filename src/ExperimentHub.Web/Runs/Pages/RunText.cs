namespace ExperimentHub.Web.Runs.Pages;

/// <summary>Texts of the run pages: <c>RunText.resx</c> and <c>RunText.zh.resx</c>.</summary>
internal sealed class RunText;
