namespace ExperimentHub.Web.Components.Charts;

/// <summary>How all charts of a page are drawn; kept in its address.</summary>
/// <param name="X"><c>step</c>, <c>epoch</c> or <c>time</c>.</param>
/// <param name="Smoothing">Weight of the past in the moving average, 0 to 0.99; 0: none.</param>
/// <param name="Log">Logarithmic y axis.</param>
public sealed record ChartView(string X = "step", double Smoothing = 0.6, bool Log = false);
