using System.Text.Json.Nodes;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Metrics;

namespace ExperimentHub.Web.Runs;

/// <summary>A run as the API tells it.</summary>
public sealed record RunView
{
    public required int Id { get; init; }

    public required int Project { get; init; }

    public required string Name { get; init; }

    public required RunStatus Status { get; init; }

    public required RunConfig Config { get; init; }

    public int ModelId { get; init; }

    public int DatasetVersionId { get; init; }

    public int? ResultModelId { get; init; }

    public int Attempt { get; init; }

    public long? Step { get; init; }

    public long? TotalSteps { get; init; }

    /// <summary>0 to 1.</summary>
    public double? Progress { get; init; }

    public double? SecondsLeft { get; init; }

    public string? Error { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime? StartedAt { get; init; }

    public DateTime? EndedAt { get; init; }

    /// <summary>The last value of each curve.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>Final metrics, once the run has finished.</summary>
    public IReadOnlyDictionary<string, double>? Final { get; init; }

    public static RunView Of(Run run, AttemptState? attempt, IReadOnlyList<SeriesSummary> summaries) => new()
    {
        Id = run.Id,
        Project = run.ProjectId,
        Name = run.Name,
        Status = run.Status,
        Config = RunService.ConfigOf(run),
        ModelId = run.ModelId,
        DatasetVersionId = run.DatasetVersionId,
        ResultModelId = run.ResultModelId,
        Attempt = run.AttemptCount,
        Step = attempt?.Step,
        TotalSteps = attempt?.Started?.TotalSteps,
        Progress = run.Status == RunStatus.Finished ? 1 : attempt?.Progress?.Fraction,
        SecondsLeft = run.Status is RunStatus.Running ? attempt?.Progress?.SecondsLeft : null,
        Error = run.Error,
        CreatedAt = run.CreatedAt,
        StartedAt = run.StartedAt,
        EndedAt = run.EndedAt,
        Metrics = summaries.ToDictionary(s => s.Key, s => s.Last ?? double.NaN),
        Final = attempt?.Finished?.Values,
    };
}

public sealed record CreateRunRequest
{
    /// <summary>Null: the first project that the caller may write to.</summary>
    public int? Project { get; init; }

    /// <summary>The settings, as on the run form; what is missing has its default.</summary>
    public required JsonObject Config { get; init; }
}

/// <summary>A curve as the API tells it: columns of equal length.</summary>
public sealed record SeriesView(string Key, long Next, IReadOnlyList<long> Steps, IReadOnlyList<double> Values, IReadOnlyList<long> Times, IReadOnlyList<double> Epochs)
{
    public static SeriesView Of(SeriesSlice slice) => new(
        slice.Key,
        slice.NextNumber,
        [.. slice.Points.Select(p => p.Step)],
        [.. slice.Points.Select(p => p.Value)],
        [.. slice.Points.Select(p => p.Time)],
        [.. slice.Points.Select(p => p.Epoch)]);
}

public sealed record CheckpointView(int Attempt, long Step, string Path, bool Best, bool Exists)
{
    public static IEnumerable<CheckpointView> Of(AttemptState attempt, IEnumerable<WorkerEvent> marks, Func<string, bool> exists) =>
        marks.OfType<CheckpointEvent>().Select(c => new CheckpointView(attempt.Number, c.Step, c.Path, c.Best, exists(c.Path)));
}
