namespace ExperimentHub.Web.Components;

/// <summary>Texts of the shell and the shared controls: <c>CommonText.resx</c> and <c>CommonText.zh.resx</c>.</summary>
internal sealed class CommonText;
