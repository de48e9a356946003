namespace ExperimentHub.Web.Compare;

/// <summary>Texts of the comparison: <c>CompareText.resx</c> and <c>CompareText.zh.resx</c>.</summary>
internal sealed class CompareText;
