namespace ExperimentHub.Web.Datasets.Pages;

/// <summary>Texts of the data-set pages: <c>DatasetText.resx</c> and <c>DatasetText.zh.resx</c>.</summary>
internal sealed class DatasetText;
