using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Components.Charts;
using ExperimentHub.Web.Metrics;
using Microsoft.JSInterop;

namespace ExperimentHub.Web.Runs.Pages;

/// <summary>Sends new points of runs to the charts of a page, each once; a chart drops what it has from its own first load.</summary>
internal sealed class LivePoints(MetricReader reader, IJSRuntime js)
{
    private readonly Dictionary<int, Dictionary<string, long>> _told = [];
    private readonly Dictionary<int, int> _attempts = [];
    private ChartScript? _charts;

    /// <summary>Points that are there now are the business of the charts' first load.</summary>
    public void Begin(RunState state)
    {
        if (!_attempts.TryAdd(state.Run.Id, state.Run.AttemptCount))
        {
            return;
        }

        _told[state.Run.Id] = state.Metrics.Keys.ToDictionary(key => key, key => reader.Read(state.Run.Id, key, long.MaxValue).NextNumber);
    }

    public async Task PushAsync(IEnumerable<RunState> states)
    {
        var slices = new List<CurveSlice>();
        foreach (var state in states)
        {
            var id = state.Run.Id;
            if (_attempts.TryGetValue(id, out var attempt) && attempt != state.Run.AttemptCount)
            {
                _charts ??= await ChartScript.LoadAsync(js);
                await _charts.ReloadAsync(id);   // a resume may take points back
            }

            _attempts[id] = state.Run.AttemptCount;
            _told.TryAdd(id, []);
            slices.AddRange(reader.ReadFurther(id, _told[id]).Where(slice => slice.Points.Count > 0).Select(slice => CurveSlice.Of(id, slice)));
        }

        if (slices.Count > 0)
        {
            _charts ??= await ChartScript.LoadAsync(js);
            await _charts.PushAsync(System.Text.Json.JsonSerializer.Serialize(slices, WireJson.Options));
        }
    }
}
