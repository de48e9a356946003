namespace ExperimentHub.Web.Home;

/// <summary>Texts of Home: <c>HomeText.resx</c> and <c>HomeText.zh.resx</c>.</summary>
internal sealed class HomeText;
