using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Projects;
using ExperimentHub.Web.Workers;
using Microsoft.AspNetCore.SignalR;

namespace ExperimentHub.Web.Runs;

/// <summary>What a subscriber is told: the run as it stands now, and the points that are new since the last time.</summary>
public sealed record RunNotice(RunView Run, IReadOnlyList<SeriesView> NewPoints);

/// <summary>Follows runs from outside a page (scripts, notebooks, other nodes): <c>/hubs/runs</c>, method <c>Follow</c>.</summary>
public sealed class RunsHub(RunService runs, MetricReader reader, ProjectAccess access, HubEvents events) : Hub
{
    /// <summary>Streams a run until it ends or the caller stops. Points come from number 0 on (or from <paramref name="after"/>), each once.</summary>
    /// <exception cref="HubException">There is no such run, or the caller may not see it.</exception>
    public async IAsyncEnumerable<RunNotice> Follow(int runId, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var first = await runs.FindAsync(runId, cancellationToken);
        if (first is null || !await access.AllowsAsync(Context.User!, first.ProjectId, Access.Read, cancellationToken))
        {
            throw new HubException("There is no such run, or you may not see it.");
        }

        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var subscription = events.Subscribe(HubEvents.Run(runId), () => changed.Writer.TryWrite(true));
        var next = new Dictionary<string, long>();
        while (await runs.FindAsync(runId, cancellationToken) is { } run && await access.AllowsAsync(Context.User!, run.ProjectId, Access.Read, cancellationToken))
        {
            var summaries = reader.Summaries(runId);
            var points = reader.ReadFurther(runId, next, after).Where(slice => slice.Points.Count > 0).Select(SeriesView.Of).ToList();
            yield return new RunNotice(RunView.Of(run, reader.LatestAttempt(runId), summaries), points);
            if (run.Status is RunStatus.Finished or RunStatus.Stopped or RunStatus.Cancelled or RunStatus.Failed)
            {
                yield break;
            }

            await changed.Reader.ReadAsync(cancellationToken);
        }
    }
}
