using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Workers;

/// <summary>Starts what waits: runs in the order of the queue while a training slot is free, other jobs in the order they came.</summary>
public sealed partial class WorkScheduler(
    IDbContextFactory<HubDbContext> databases, WorkerLauncher launcher, AttemptFollower follower, MetricReader reader, HubEvents events, HubPaths paths,
    IOptions<HubOptions> options, ILogger<WorkScheduler> logger) : BackgroundService
{
    private readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>Something was queued or a slot came free: look at once instead of within the second.</summary>
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var runs = events.Subscribe(HubEvents.Runs, Wake);
        using var jobs = events.Subscribe(HubEvents.Jobs, Wake);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StartWaitingAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFault(e);
            }

            await _wake.WaitAsync(TimeSpan.FromSeconds(1), stoppingToken);
        }
    }

    private async Task StartWaitingAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await MarkStartedAsync(database, cancellationToken);
        var training = await database.Attempts.CountAsync(a => a.EndedAt == null && a.RunId != null, cancellationToken);
        while (training < options.Value.Workers.TrainingSlots && await NextRunAsync(database, cancellationToken) is { } run)
        {
            await StartRunAsync(database, run, cancellationToken);
            training++;
        }

        var working = await database.Attempts.CountAsync(a => a.EndedAt == null && a.JobId != null, cancellationToken);
        while (working < options.Value.Workers.JobSlots && await NextJobAsync(database, cancellationToken) is { } job)
        {
            await StartJobAsync(database, job, cancellationToken);
            working++;
        }
    }

    /// <summary>A run whose worker has reported for duty is running.</summary>
    private async Task MarkStartedAsync(HubDbContext database, CancellationToken cancellationToken)
    {
        var starting = await database.Runs.AsNoTracking().Where(r => r.Status == RunStatus.Starting).Select(r => new { r.Id, r.AttemptCount }).ToListAsync(cancellationToken);
        foreach (var run in starting.Where(run => reader.Attempts(run.Id).Any(a => a.Number == run.AttemptCount && a.Started is not null)))
        {
            await database.Runs.Where(r => r.Id == run.Id && r.Status == RunStatus.Starting)
                .ExecuteUpdateAsync(s => s.SetProperty(r => r.Status, RunStatus.Running), cancellationToken);
            events.Publish(HubEvents.Run(run.Id));
            events.Publish(HubEvents.Runs);
        }
    }

    private static Task<Run?> NextRunAsync(HubDbContext database, CancellationToken cancellationToken) =>
        database.Runs.AsNoTracking().Where(r => r.Status == RunStatus.Queued && r.DeletedAt == null)
            .OrderBy(r => r.QueueOrder).ThenBy(r => r.Id).FirstOrDefaultAsync(cancellationToken);

    private static Task<Job?> NextJobAsync(HubDbContext database, CancellationToken cancellationToken) =>
        database.Jobs.AsNoTracking().Where(j => j.Status == JobStatus.Queued).OrderBy(j => j.Id).FirstOrDefaultAsync(cancellationToken);

    private async Task StartRunAsync(HubDbContext database, Run run, CancellationToken cancellationToken)
    {
        // 1. If the hub dies before the transaction commits, the run is still queued.
        Attempt attempt;
        await using (var transaction = await database.Database.BeginTransactionAsync(cancellationToken))
        {
            var number = run.AttemptCount + 1;
            var claimed = await database.Runs.Where(r => r.Id == run.Id && r.Status == RunStatus.Queued && r.AttemptCount == run.AttemptCount)
                .ExecuteUpdateAsync(
                    s => s.SetProperty(r => r.Status, RunStatus.Starting)
                        .SetProperty(r => r.AttemptCount, number)
                        .SetProperty(r => r.StartedAt, r => r.StartedAt ?? DateTime.UtcNow)
                        .SetProperty(r => r.EndedAt, (DateTime?)null)
                        .SetProperty(r => r.Error, (string?)null)
                        .SetProperty(r => r.ErrorCode, (string?)null),
                    cancellationToken);
            if (claimed == 0)
            {
                return;
            }

            attempt = new Attempt { RunId = run.Id, Number = number, Folder = $"runs/{run.Id}/attempts/{number}", Token = NewToken(), StartedAt = DateTime.UtcNow };
            database.Attempts.Add(attempt);
            await database.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        // 2. If it dies from here on, the next hub finds an attempt without a process and ends it; the run can be resumed.
        var settings = JsonNode.Parse(run.ConfigJson)!.AsObject();
        await LaunchAsync(database, attempt, JobKinds.Train, settings, LastCheckpoint(run, attempt), cancellationToken);
        events.Publish(HubEvents.Run(run.Id));
        events.Publish(HubEvents.Runs);
    }

    private async Task StartJobAsync(HubDbContext database, Job job, CancellationToken cancellationToken)
    {
        Attempt attempt;
        await using (var transaction = await database.Database.BeginTransactionAsync(cancellationToken))
        {
            var claimed = await database.Jobs.Where(j => j.Id == job.Id && j.Status == JobStatus.Queued)
                .ExecuteUpdateAsync(s => s.SetProperty(j => j.Status, JobStatus.Running), cancellationToken);
            if (claimed == 0)
            {
                return;
            }

            attempt = new Attempt { JobId = job.Id, Number = 1, Folder = $"jobs/{job.Id}/attempts/1", Token = NewToken(), StartedAt = DateTime.UtcNow };
            database.Attempts.Add(attempt);
            await database.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await LaunchAsync(database, attempt, job.Kind, JsonNode.Parse(job.SettingsJson)!.AsObject(), null, cancellationToken);
        events.Publish(HubEvents.Job(job.Id));
    }

    private async Task LaunchAsync(HubDbContext database, Attempt attempt, string kind, JsonObject settings, string? resumeFrom, CancellationToken cancellationToken)
    {
        try
        {
            var folder = new JobFolder(paths.At(attempt.Folder));
            var header = new JobHeader
            {
                Job = kind,
                Id = attempt.RunId ?? attempt.JobId!.Value,
                Attempt = attempt.Number,
                Token = attempt.Token,
                Threads = launcher.ThreadsPerSlot,
                Store = paths.Store,
                ResumeFrom = resumeFrom,
            };
            folder.WriteRun(header, settings);
            var process = launcher.Start(folder, launcher.ThreadsPerSlot, "job", folder.Path);
            attempt.Pid = process.Pid;
            attempt.ProcessStart = process.Start;
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            LogNotStarted(e, attempt.Id);
            var folder = paths.At(attempt.Folder);
            Directory.CreateDirectory(folder);
            await File.AppendAllTextAsync(new JobFolder(folder).StandardError, e.Message + "\n", cancellationToken);
        }

        follower.Follow(attempt);   // one that did not start is found dead, with its reason
        database.ChangeTracker.Clear();
    }

    /// <summary>The newest checkpoint that still lies on disk, relative to the new attempt's folder.</summary>
    private string? LastCheckpoint(Run run, Attempt attempt)
    {
        foreach (var earlier in reader.Attempts(run.Id).Where(a => a.Number < attempt.Number).OrderByDescending(a => a.Number))
        {
            foreach (var checkpoint in reader.Marks(earlier.AttemptId).OfType<CheckpointEvent>().Reverse())
            {
                if (EventParser.StaysInside(checkpoint.Path) && Directory.Exists(paths.At($"runs/{run.Id}/attempts/{earlier.Number}/{checkpoint.Path}")))
                {
                    return $"../{earlier.Number}/{checkpoint.Path}";
                }
            }
        }

        return null;
    }

    private static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    [LoggerMessage(Level = LogLevel.Error, Message = "The scheduler failed; it goes on")]
    private partial void LogFault(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The worker of attempt {Id} could not be started")]
    private partial void LogNotStarted(Exception exception, int id);
}
