using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Components.Charts;
using ExperimentHub.Web.Metrics;
using Microsoft.JSInterop;

namespace ExperimentHub.Web.Runs.Pages;

/// <summary>Sends new points of runs to the charts of a page, each once; a chart drops what it has from its own first load.</summary>
internal sealed class LivePoints(MetricReader reader, IJSRuntime js)
{
    private readonly Dictionary<(int Run, string Key), long> _told = [];
    private readonly Dictionary<int, int> _attempts = [];
    private ChartScript? _charts;

    /// <summary>Points that are there now are the business of the charts' first load.</summary>
    public void Begin(RunState state)
    {
        if (!_attempts.TryAdd(state.Run.Id, state.Run.AttemptCount))
        {
            return;
        }

        foreach (var key in state.Metrics.Keys)
        {
            _told[(state.Run.Id, key)] = reader.Read(state.Run.Id, key, long.MaxValue).NextNumber;
        }
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
            foreach (var key in state.Metrics.Keys)
            {
                var slice = reader.Read(id, key, _told.GetValueOrDefault((id, key)));
                _told[(id, key)] = slice.NextNumber;
                if (slice.Points.Count > 0)
                {
                    slices.Add(CurveSlice.Of(id, slice));
                }
            }
        }

        if (slices.Count > 0)
        {
            _charts ??= await ChartScript.LoadAsync(js);
            await _charts.PushAsync(System.Text.Json.JsonSerializer.Serialize(slices, WireJson.Options));
        }
    }
}
