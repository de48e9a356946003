using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Runs;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Workers;

/// <summary>Starts what waits: runs in the order of the queue while a training slot is free, other jobs in the order they came.</summary>
public sealed partial class WorkScheduler(
    IDbContextFactory<HubDbContext> databases, WorkerLauncher launcher, AttemptFollower follower, MetricReader reader, HubEvents events, HubPaths paths,
    JobSecrets secrets, IOptions<HubOptions> options, ILogger<WorkScheduler> logger) : BackgroundService
{
    /// <summary>Checkpoints that a new attempt may fall back to when the newest are damaged.</summary>
    private const int MaxCheckpoints = 10;

    private readonly SemaphoreSlim _wake = new(0, 1);
    private bool _hasLookedBack;

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
        if (!_hasLookedBack)
        {
            await StartWhatTheHubBeforeDidNotAsync(database, cancellationToken);
            await StopWhatTheHubBeforeDidNotAsync(database, cancellationToken);
            _hasLookedBack = true;
        }

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

    /// <summary>The hub before this one may have died between claiming work and storing the process: the worker is found by its folder, or started now.</summary>
    private async Task StartWhatTheHubBeforeDidNotAsync(HubDbContext database, CancellationToken cancellationToken)
    {
        foreach (var id in await database.Attempts.Where(a => a.EndedAt == null && a.Pid == null).Select(a => a.Id).ToListAsync(cancellationToken))
        {
            var attempt = await database.Attempts.SingleAsync(a => a.Id == id, cancellationToken);
            var folder = new JobFolder(paths.At(attempt.Folder));
            if (WorkerLauncher.Find(folder) is { } process)
            {
                (attempt.Pid, attempt.ProcessStart) = (process.Pid, process.Start);
                await database.SaveChangesAsync(cancellationToken);
                follower.Follow(attempt);
            }
            else if (File.Exists(folder.EventsFile))
            {
                follower.Follow(attempt);   // it lived and is dead
            }
            else if (attempt.RunId is { } runId)
            {
                var run = await database.Runs.AsNoTracking().SingleAsync(r => r.Id == runId, cancellationToken);
                await LaunchAsync(database, attempt, JobKinds.Train, JsonNode.Parse(run.ConfigJson)!.AsObject(), Checkpoints(run.Id, attempt.Number), cancellationToken);
            }
            else
            {
                var job = await database.Jobs.AsNoTracking().SingleAsync(j => j.Id == attempt.JobId, cancellationToken);
                await LaunchAsync(database, attempt, job.Kind, JsonNode.Parse(job.SettingsJson)!.AsObject(), null, cancellationToken, secrets.EnvironmentOf(job));
            }
        }
    }

    /// <summary>The hub before this one may have died between noting a stop and sending it. A worker that has it already takes no harm from another.</summary>
    private async Task StopWhatTheHubBeforeDidNotAsync(HubDbContext database, CancellationToken cancellationToken)
    {
        foreach (var id in await database.Runs.Where(r => r.Status == RunStatus.Stopping).Select(r => r.Id).ToListAsync(cancellationToken))
        {
            await CommandLine.SendAsync(database, paths, a => a.RunId == id && a.CancelAskedAt == null, Commands.Stop, null, cancellationToken);
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

        // 2. If it dies from here on, the next hub finds an attempt without a process and starts it, or finds the worker by its folder.
        var settings = JsonNode.Parse(run.ConfigJson)!.AsObject();
        await LaunchAsync(database, attempt, JobKinds.Train, settings, Checkpoints(run.Id, attempt.Number), cancellationToken);
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

            var number = await database.Attempts.CountAsync(a => a.JobId == job.Id, cancellationToken) + 1;
            attempt = new Attempt { JobId = job.Id, Number = number, Folder = $"jobs/{job.Id}/attempts/{number}", Token = NewToken(), StartedAt = DateTime.UtcNow };
            database.Attempts.Add(attempt);
            await database.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await LaunchAsync(database, attempt, job.Kind, JsonNode.Parse(job.SettingsJson)!.AsObject(), null, cancellationToken, secrets.EnvironmentOf(job));
        events.Publish(HubEvents.Job(job.Id));
    }

    private async Task LaunchAsync(
        HubDbContext database, Attempt attempt, string kind, JsonObject settings, IReadOnlyList<string>? resumeFrom, CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? environment = null)
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
                Device = options.Value.Workers.Device,
                Threads = launcher.ThreadsPerSlot,
                Store = paths.Store,
                ResumeFrom = resumeFrom,
            };
            folder.WriteRun(header, settings);
            var process = launcher.Start(folder, launcher.ThreadsPerSlot, environment ?? new Dictionary<string, string>(), ["job", folder.Path]);
            (attempt.Pid, attempt.ProcessStart) = (process.Pid, process.Start);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            LogNotStarted(e, attempt.Id);
            NoteWhy(attempt, e.Message);
        }

        follower.Follow(attempt);   // one that did not start is found dead, with its reason
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (Exception e) when (e is DbUpdateException or SqliteException)
        {
            LogNotStored(e, attempt.Id);   // this hub follows it, and the next one finds the worker by its folder
        }

        database.ChangeTracker.Clear();
    }

    private void NoteWhy(Attempt attempt, string why)
    {
        try
        {
            var folder = new JobFolder(paths.At(attempt.Folder));
            Directory.CreateDirectory(folder.Path);
            File.AppendAllText(folder.StandardError, why + "\n");
        }
        catch (IOException e)
        {
            LogNotStarted(e, attempt.Id);   // on a full disk not even that can be written
        }
    }

    /// <summary>
    /// What earlier attempts left, newest first, relative to the new attempt's folder. The disk is asked and not the events: a worker may have
    /// died between saving a checkpoint and telling of it.
    /// </summary>
    private List<string> Checkpoints(int runId, int number)
    {
        var checkpoints = new List<string>();
        for (var earlier = number - 1; earlier > 0 && checkpoints.Count < MaxCheckpoints; earlier--)
        {
            checkpoints.AddRange(CheckpointNames.In(paths.At($"runs/{runId}/attempts/{earlier}/checkpoints")).Select(name => $"../{earlier}/checkpoints/{name}"));
        }

        return checkpoints;
    }

    private static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    [LoggerMessage(Level = LogLevel.Error, Message = "The scheduler failed; it goes on")]
    private partial void LogFault(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The worker of attempt {Id} could not be started")]
    private partial void LogNotStarted(Exception exception, int id);

    [LoggerMessage(Level = LogLevel.Error, Message = "The process of attempt {Id} could not be stored")]
    private partial void LogNotStored(Exception exception, int id);
}
