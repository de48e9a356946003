using System.Collections.Concurrent;
using System.Diagnostics;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Workers;

/// <summary>
/// Follows every worker that has not ended: reads its events into the store, notices when it dies, and hands its end to
/// <see cref="AttemptEnding"/>. A hub that starts finds the workers of the hub before it in the database and goes on from the stored offsets.
/// </summary>
public sealed partial class AttemptFollower(
    IDbContextFactory<HubDbContext> databases, MetricWriter writer, MetricReader reader, AttemptEnding ending, HubEvents events, HubPaths paths,
    IOptions<HubOptions> options, ILogger<AttemptFollower> logger) : BackgroundService
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan s_lookAtProcess = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_endAgainAfter = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<int, Followed> _followed = new();

    private HashSet<int> _askedToCancel = [];
    private long _lookedForCancel;

    public int Count => _followed.Count;

    /// <summary>Follows an attempt whose process was just started.</summary>
    public void Follow(Attempt attempt)
    {
        var folder = new JobFolder(paths.At(attempt.Folder));
        var key = new AttemptKey(attempt.Id, attempt.RunId ?? 0, attempt.Number);
        var position = reader.Attempt(attempt.Id)?.Position ?? ReadPosition.Start;
        _followed.TryAdd(attempt.Id, new Followed(attempt, folder, new EventsTail(key, attempt.Token, folder, position)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        writer.Committed += Tell;
        writer.FaultChanged += TellAll;
        try
        {
            await using (var database = await databases.CreateDbContextAsync(stoppingToken))
            {
                // One without a process is the scheduler's: its worker was not started, or is found by its folder.
                foreach (var attempt in await database.Attempts.AsNoTracking().Where(a => a.EndedAt == null && a.Pid != null).ToListAsync(stoppingToken))
                {
                    Follow(attempt);
                }
            }

            using var timer = new PeriodicTimer(s_look);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await FindAskedToCancelAsync(stoppingToken);
                foreach (var (id, followed) in _followed)
                {
                    await LookAsync(id, followed, stoppingToken);
                }
            }
        }
        finally
        {
            writer.Committed -= Tell;
            writer.FaultChanged -= TellAll;
            foreach (var followed in _followed.Values)
            {
                followed.Tail.Dispose();
            }
        }
    }

    private async Task LookAsync(int id, Followed followed, CancellationToken cancellationToken)
    {
        try
        {
            if (followed.Ending is { } running)
            {
                if (running.IsCompleted)
                {
                    _followed.TryRemove(id, out _);
                    followed.Tail.Dispose();
                    await running;
                }

                return;
            }

            var finished = await ReadAsync(followed, complete: false, cancellationToken);
            var death = finished ? null : await DeathAsync(followed, cancellationToken);
            if (finished || death is not null)
            {
                followed.Ending = EndAsync(followed, death, cancellationToken);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFault(e, id);   // one attempt's fault must not stop the others; it is looked at again
        }
    }

    /// <summary>Reads all there is; true when the last event was among it.</summary>
    private async Task<bool> ReadAsync(Followed followed, bool complete, CancellationToken cancellationToken)
    {
        while (followed.Tail.Read(complete) is { } batch)
        {
            followed.LastHeard = Stopwatch.GetTimestamp();
            followed.Pace.Heard(batch.Events);
            followed.Stored = await writer.WriteAsync(batch, cancellationToken);
            if (batch.Events.Any(e => e is FinishedEvent))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Why the worker must be taken for dead; null while it lives.</summary>
    private async Task<WorkerDeath?> DeathAsync(Followed followed, CancellationToken cancellationToken)
    {
        if (Stopwatch.GetElapsedTime(followed.LastLook) < s_lookAtProcess)
        {
            return null;
        }

        followed.LastLook = Stopwatch.GetTimestamp();
        if (followed.Tail.IsShorterThanStored)
        {
            WorkerLauncher.Kill(followed.Process);
            return new WorkerDeath("worker.events_lost", "The run's events file lost its end, as after a power loss; resume the run from its last checkpoint.");
        }

        if (!WorkerLauncher.IsAlive(followed.Process))
        {
            // Its last words may have come between our reading and its end.
            return await ReadAsync(followed, complete: true, cancellationToken) ? null
                : followed.Process.Pid == WorkerLauncher.Nowhere ? WorkerDeath.Restored
                : WorkerDeath.FromLog(followed.Folder);
        }

        if (Stopwatch.GetElapsedTime(followed.LastHeard) > options.Value.Workers.HeartbeatTimeout)
        {
            WorkerLauncher.Kill(followed.Process);
            var seconds = (int)options.Value.Workers.HeartbeatTimeout.TotalSeconds;
            return new WorkerDeath("worker.no_heartbeat", $"The worker gave no sign of life for {seconds} s and was ended; resume the run from its last checkpoint.", seconds);
        }

        if (followed.Pace.StandsStill(options.Value.Workers.HangTimeout) is { } still)
        {
            WorkerLauncher.Kill(followed.Process);
            var seconds = (int)still.TotalSeconds;
            return new WorkerDeath(
                "worker.hung", $"The worker was alive but did not get any further for {seconds} s and was ended; resume the run from its last checkpoint.", seconds);
        }

        if (_askedToCancel.Contains(followed.Attempt.Id))
        {
            KillWhenCancelIsNotObeyed(followed);
        }

        return null;
    }

    private async Task FindAskedToCancelAsync(CancellationToken cancellationToken)
    {
        if (_followed.IsEmpty || Stopwatch.GetElapsedTime(_lookedForCancel) < s_lookAtProcess)
        {
            return;
        }

        _lookedForCancel = Stopwatch.GetTimestamp();
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            _askedToCancel = [.. await database.Attempts.Where(a => a.EndedAt == null && a.CancelAskedAt != null).Select(a => a.Id).ToListAsync(cancellationToken)];
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogCancelUnknown(e);   // a locked file: it is asked again
        }
    }

    private void KillWhenCancelIsNotObeyed(Followed followed)
    {

        // Counted from when this hub saw it: the clock of the machine may be set back meanwhile.
        followed.CancelSeen ??= Stopwatch.GetTimestamp();
        if (Stopwatch.GetElapsedTime(followed.CancelSeen.Value) > options.Value.Workers.CancelTimeout)
        {
            WorkerLauncher.Kill(followed.Process);
        }
    }

    private async Task EndAsync(Followed followed, WorkerDeath? death, CancellationToken cancellationToken)
    {
        if (followed.Stored is { } stored)
        {
            await stored.WaitAsync(cancellationToken);
        }

        while (true)
        {
            try
            {
                await ending.EndAsync(followed.Attempt.Id, death, cancellationToken);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogNotEnded(e, followed.Attempt.Id);   // a full disk, a locked file: doing it again changes nothing
                await Task.Delay(s_endAgainAfter, cancellationToken);
            }
        }
    }

    private void Tell(IReadOnlyList<EventBatch> batches)
    {
        foreach (var attempt in batches.Select(b => b.Attempt).Distinct())
        {
            if (_followed.TryGetValue(attempt.AttemptId, out var followed))
            {
                events.Publish(followed.Attempt.RunId is { } run ? HubEvents.Run(run) : HubEvents.Job(followed.Attempt.JobId!.Value));
                events.Publish(followed.Attempt.RunId is null ? HubEvents.Jobs : HubEvents.Reports);
            }
        }
    }

    private void TellAll()
    {
        foreach (var run in _followed.Values.Select(f => f.Attempt.RunId).OfType<int>())
        {
            events.Publish(HubEvents.Run(run));
        }

        events.Publish(HubEvents.Runs);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Following attempt {Id} failed; it is tried again")]
    private partial void LogFault(Exception exception, int id);

    [LoggerMessage(Level = LogLevel.Error, Message = "Which attempts are to be cancelled could not be read; it is tried again")]
    private partial void LogCancelUnknown(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The end of attempt {Id} could not be stored; it is tried again")]
    private partial void LogNotEnded(Exception exception, int id);

    private sealed class Followed(Attempt attempt, JobFolder folder, EventsTail tail)
    {
        public Attempt Attempt => attempt;

        public JobFolder Folder => folder;

        public EventsTail Tail => tail;

        /// <summary>An attempt that never got a process (the hub died in between) has one that is not alive.</summary>
        public ProcessIdentity Process { get; } = new(attempt.Pid ?? 0, attempt.ProcessStart ?? -1);

        public long LastHeard { get; set; } = Stopwatch.GetTimestamp();

        public long LastLook { get; set; } = Stopwatch.GetTimestamp();

        public long? CancelSeen { get; set; }

        public WorkerPace Pace { get; } = new(TimeProvider.System);

        public Task? Stored { get; set; }

        public Task? Ending { get; set; }
    }
}
