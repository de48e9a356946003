using Microsoft.AspNetCore.Components;

namespace ExperimentHub.Web.Components.Charts;

/// <summary>A page or a part of one that draws charts: how, is in its address.</summary>
public abstract class ChartPage : ComponentBase
{
    [SupplyParameterFromQuery(Name = "x")]
    private string? X { get; set; }

    [SupplyParameterFromQuery(Name = "smoothing")]
    private double? Smoothing { get; set; }

    [SupplyParameterFromQuery(Name = "log")]
    private bool? Log { get; set; }

    protected ChartView ChartView => ChartTools.Read(X, Smoothing, Log);

    /// <summary>The curve of one metric for several runs; evaluations, which come rarely, have a dot for each value.</summary>
    protected static IReadOnlyList<ChartSeries> CurvesOf(string key, IEnumerable<(int Run, string Name, int Color)> runs, int? baseline = null) =>
        [.. runs.Select(r => new ChartSeries(r.Run, key, r.Name, r.Color) { Marks = key.StartsWith("eval_", StringComparison.Ordinal), Dashed = r.Run == baseline })];
}
