namespace ExperimentHub.Web.Playground;

/// <summary>Texts of the playground: <c>PlaygroundText.resx</c> and <c>PlaygroundText.zh.resx</c>.</summary>
internal sealed class PlaygroundText;
