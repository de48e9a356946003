using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Metrics;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Workers;

/// <summary>A job with how far it is.</summary>
public sealed record JobView(Job Job, ProgressEvent? Progress);

/// <summary>Queues, lists and cancels jobs. Who may do so is decided by the caller.</summary>
public sealed class JobService(IDbContextFactory<HubDbContext> databases, MetricReader reader, HubEvents events, HubPaths paths)
{
    /// <summary>Queues a job. <paramref name="settings"/> goes into its run.json; <paramref name="followUp"/> is kept for when it is done.</summary>
    public async Task<Job> QueueAsync(string kind, string title, object settings, object? followUp, int projectId, string ownerId, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var job = new Job
        {
            Kind = kind,
            Title = title.Length > 300 ? title[..300] : title,
            ProjectId = projectId,
            OwnerId = ownerId,
            Status = JobStatus.Queued,
            SettingsJson = JsonSerializer.Serialize(settings, WireJson.Options),
            FollowUpJson = followUp is null ? null : JsonSerializer.Serialize(followUp, WireJson.Options),
            CreatedAt = DateTime.UtcNow,
        };
        database.Jobs.Add(job);
        await database.SaveChangesAsync(cancellationToken);
        events.Publish(HubEvents.Jobs);
        return job;
    }

    public async Task<JobView?> FindAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var job = await database.Jobs.AsNoTracking().FirstOrDefaultAsync(j => j.Id == id, cancellationToken);
        return job is null ? null : await WithProgressAsync(database, job, cancellationToken);
    }

    /// <summary>The newest jobs of some projects, for the task menu.</summary>
    public async Task<IReadOnlyList<JobView>> RecentAsync(IReadOnlyCollection<int> projectIds, int limit = 20, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var jobs = await database.Jobs.AsNoTracking().Where(j => projectIds.Contains(j.ProjectId) && j.Kind != JobKinds.InspectDataset)
            .OrderByDescending(j => j.Id).Take(limit).ToListAsync(cancellationToken);
        var views = new List<JobView>();
        foreach (var job in jobs)
        {
            views.Add(await WithProgressAsync(database, job, cancellationToken));
        }

        return views;
    }

    /// <summary>Waits until a job has ended (or the token is cancelled) and returns it.</summary>
    public async Task<JobView> WaitAsync(int id, CancellationToken cancellationToken)
    {
        using var changed = new SemaphoreSlim(0);
        using var subscription = events.Subscribe(HubEvents.Job(id), () => changed.Release());
        while (true)
        {
            var view = await FindAsync(id, cancellationToken) ?? throw new InvalidOperationException($"There is no job {id}.");
            if (view.Job.Status is not (JobStatus.Queued or JobStatus.Running))
            {
                return view;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(1), cancellationToken);
        }
    }

    /// <summary>Takes a waiting job off the queue, or asks its worker to end; one that has ended stays as it is.</summary>
    public async Task CancelAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var dequeued = await database.Jobs.Where(j => j.Id == id && j.Status == JobStatus.Queued)
            .ExecuteUpdateAsync(s => s.SetProperty(j => j.Status, JobStatus.Cancelled).SetProperty(j => j.EndedAt, DateTime.UtcNow), cancellationToken);
        if (dequeued == 0)
        {
            await CommandLine.SendAsync(database, paths, a => a.JobId == id, Commands.Cancel, null, cancellationToken);
        }

        events.Publish(HubEvents.Job(id));
        events.Publish(HubEvents.Jobs);
    }

    private async Task<JobView> WithProgressAsync(HubDbContext database, Job job, CancellationToken cancellationToken)
    {
        var attempt = job.Status == JobStatus.Running
            ? await database.Attempts.AsNoTracking().Where(a => a.JobId == job.Id).OrderByDescending(a => a.Number).FirstOrDefaultAsync(cancellationToken)
            : null;
        return new JobView(job, attempt is null ? null : reader.Attempt(attempt.Id)?.Progress);
    }
}
