using ExperimentHub.Engine.Configuration;
using ExperimentHub.Web.Metrics;

namespace ExperimentHub.Web.Runs.Pages;

/// <summary>A run with what is known of it now: everything that a header or a row shows.</summary>
public sealed record RunState(Run Run, RunConfig Config, AttemptState? Attempt, IReadOnlyDictionary<string, SeriesSummary> Metrics)
{
    public bool IsActive => Run.Status is RunStatus.Starting or RunStatus.Running or RunStatus.Stopping;

    public bool HasEnded => Run.Status is RunStatus.Finished or RunStatus.Stopped or RunStatus.Cancelled or RunStatus.Failed;

    public bool CanResume => Run.Status is RunStatus.Stopped or RunStatus.Cancelled or RunStatus.Failed;

    public int Color => Run.Color + 1;

    /// <summary>The metric that decides which checkpoint is best: <c>eval_f1</c>, <c>eval_accuracy</c> or <c>eval_loss</c>.</summary>
    public string BestKey => "eval_" + Config.MetricForBest;

    public bool HigherIsBetter => Config.MetricForBest != "loss";

    public (double Value, long Step)? Best => Metrics.GetValueOrDefault(BestKey) is { } series
        ? HigherIsBetter ? series.Max is { } max ? (max, series.MaxStep) : null : series.Min is { } min ? (min, series.MinStep) : null
        : null;

    public long Step => Attempt?.Step ?? 0;

    public long TotalSteps => Attempt?.Started?.TotalSteps ?? 0;

    public double Share => Run.Status == RunStatus.Finished ? 1 : Attempt?.Progress?.Fraction ?? 0;

    public TimeSpan? TimeLeft => Run.Status == RunStatus.Running && Attempt?.Progress?.SecondsLeft is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    public TimeSpan? Duration(DateTime now) => Run.StartedAt is { } started ? (Run.EndedAt ?? now) - started : null;

    public double? Last(string key) => Metrics.GetValueOrDefault(key)?.Last;

    public static RunState Of(Run run, MetricReader reader) => new(
        run, RunService.ConfigOf(run), reader.LatestAttempt(run.Id), reader.Summaries(run.Id).ToDictionary(s => s.Key));
}
