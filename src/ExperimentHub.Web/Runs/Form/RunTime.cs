using ExperimentHub.Web.Metrics;

namespace ExperimentHub.Web.Runs.Form;

/// <summary>How long a run will take, and the name of the run whose speed says so.</summary>
public sealed record ExpectedTime(TimeSpan Duration, string From);

/// <summary>Time is measured, not promised: from the speed of the last run with the same model and the same part trained.</summary>
public sealed class RunTime(RunService runs, MetricReader reader)
{
    private const int RunsLookedAt = 20;

    public async Task<ExpectedTime?> ExpectAsync(ResolvedConfig resolved, RunEstimate estimate, IReadOnlyCollection<int> projectIds)
    {
        foreach (var run in (await runs.ListAsync(projectIds)).Where(r => r.ModelId == resolved.Model?.Id && r.StartedAt is not null).Take(RunsLookedAt))
        {
            var config = RunService.ConfigOf(run);
            if (config.Trainable == resolved.Config.Trainable && config.MaxLength == resolved.Config.MaxLength
                && reader.Summaries(run.Id).FirstOrDefault(s => s.Key == "samples_per_second")?.Last is > 0 and var rate)
            {
                var rows = (double)estimate.Steps * resolved.Config.BatchSize * resolved.Config.GradientAccumulationSteps;
                return new ExpectedTime(TimeSpan.FromSeconds(rows / rate), run.Name);
            }
        }

        return null;
    }
}
