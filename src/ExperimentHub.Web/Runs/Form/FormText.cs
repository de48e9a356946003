namespace ExperimentHub.Web.Runs.Form;

/// <summary>Texts of the run form: <c>FormText.resx</c> and <c>FormText.zh.resx</c>.</summary>
internal sealed class FormText;
