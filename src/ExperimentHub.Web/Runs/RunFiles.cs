using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Metrics;

namespace ExperimentHub.Web.Runs;

/// <summary>What lies in a run's folders, found through the stored events; no path from outside is ever followed.</summary>
public sealed class RunFiles(HubPaths paths, MetricReader reader)
{
    /// <summary>In the order they were saved. Several were the best when they were saved; the last of them still is.</summary>
    public IReadOnlyList<CheckpointView> Checkpoints(int runId)
    {
        List<CheckpointView> all = [.. reader.Attempts(runId).SelectMany(a => CheckpointView.Of(a, reader.Marks(a.AttemptId), path => Directory.Exists(At(runId, a.Number, path))))];
        var best = all.FindLastIndex(c => c.Best);
        return [.. all.Select((c, i) => c with { Best = i == best })];
    }

    /// <summary>The last report of an evaluation (an <c>EvaluationReport</c> as JSON) of a split, or null.</summary>
    public string? EvaluationJson(int runId, string? split = null)
    {
        foreach (var attempt in reader.Attempts(runId).OrderByDescending(a => a.Number))
        {
            var reports = reader.Marks(attempt.AttemptId).OfType<EvaluationEvent>().Where(e => split is null || e.Split == split).Reverse();
            foreach (var path in reports.Select(r => At(runId, attempt.Number, r.Path)).Where(File.Exists))
            {
                return File.ReadAllText(path);
            }
        }

        return null;
    }

    public T? Evaluation<T>(int runId, string? split = null)
        where T : class => EvaluationJson(runId, split) is { } json ? JsonSerializer.Deserialize<T>(json, WireJson.Options) : null;

    public string Folder(int runId, int attempt) => paths.At(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"runs/{runId}/attempts/{attempt}"));

    private string At(int runId, int attempt, string relative) =>
        EventCleaning.StaysInside(relative) ? Path.Combine(Folder(runId, attempt), relative) : throw new InvalidOperationException("A stored path leaves its folder.");
}
