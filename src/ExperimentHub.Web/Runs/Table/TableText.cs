namespace ExperimentHub.Web.Runs.Table;

/// <summary>Texts of the run table: <c>TableText.resx</c> and <c>TableText.zh.resx</c>.</summary>
internal sealed class TableText;
