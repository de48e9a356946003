namespace ExperimentHub.Web.Administration;

/// <summary>Texts of the administration and account pages: <c>AdministrationText.resx</c> and <c>AdministrationText.zh.resx</c>.</summary>
internal sealed class AdministrationText;
