using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Runs;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Workers;

/// <summary>
/// Turns the end of an attempt into the status of its run or job. Everything is derived from the stored events and the folder, so it can
/// be done again after a crash at any line and comes to the same.
/// </summary>
public sealed partial class AttemptEnding(
    IDbContextFactory<HubDbContext> databases, MetricReader reader, MetricWriter writer, HubPaths paths, HubEvents events, RunResults runResults, JobFollowUps followUps,
    ILogger<AttemptEnding> logger)
{
    /// <summary>How often the worker of a job that goes on is started.</summary>
    private const int MostAttempts = 3;

    public async Task EndAsync(int attemptId, WorkerDeath? death, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var attempt = await database.Attempts.AsNoTracking().SingleAsync(a => a.Id == attemptId, cancellationToken);
        var finished = reader.Attempt(attemptId)?.Finished;
        if (attempt.RunId is { } runId)
        {
            await EndRunAsync(database, runId, attempt, finished, death, cancellationToken);
        }
        else
        {
            await EndJobAsync(database, attempt, finished, death, cancellationToken);
        }

        writer.Flush();

        // 3. If the hub dies before this line, the attempt is followed and ended again at the next start.
        await database.Attempts.Where(a => a.Id == attemptId)
            .ExecuteUpdateAsync(s => s.SetProperty(a => a.EndedAt, DateTime.UtcNow), cancellationToken);
        Tell(attempt);
    }

    private async Task EndRunAsync(HubDbContext database, int runId, Attempt attempt, FinishedEvent? finished, WorkerDeath? death, CancellationToken cancellationToken)
    {
        var (status, error, code, arguments) = Judge(finished, death, attempt);
        int? modelId = null;
        if (status == RunStatus.Finished)
        {
            try
            {
                // 1. Content-addressed and one model a run: doing it twice changes nothing.
                modelId = await runResults.RegisterModelAsync(runId, new JobFolder(paths.At(attempt.Folder)), cancellationToken);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or Engine.InputException)
            {
                LogNoModel(e, runId);
                var why = Reason(e);
                (status, error, code) = (RunStatus.Failed, $"The run ended well, but its model could not be stored: {why}", "run.model_not_stored");
                arguments = Texts([why]);
            }
        }

        // 2. Compare-and-set: a run that has ended already keeps its status.
        await database.Runs
            .Where(r => r.Id == runId && r.AttemptCount == attempt.Number
                && (r.Status == RunStatus.Starting || r.Status == RunStatus.Running || r.Status == RunStatus.Stopping))
            .ExecuteUpdateAsync(
                s => s.SetProperty(r => r.Status, status)
                    .SetProperty(r => r.Error, error)
                    .SetProperty(r => r.ErrorCode, code)
                    .SetProperty(r => r.ErrorArguments, arguments)
                    .SetProperty(r => r.ResultModelId, r => modelId ?? r.ResultModelId)
                    .SetProperty(r => r.EndedAt, DateTime.UtcNow),
                cancellationToken);
    }

    private static (RunStatus Status, string? Error, string? Code, string? Arguments) Judge(FinishedEvent? finished, WorkerDeath? death, Attempt attempt) =>
        finished?.Outcome switch
        {
            Outcomes.Completed => (RunStatus.Finished, null, null, null),
            Outcomes.Stopped => (RunStatus.Stopped, null, null, null),
            Outcomes.Cancelled => (RunStatus.Cancelled, null, null, null),
            Outcomes.Failed => (RunStatus.Failed, finished.Error, finished.ErrorCode, Texts(finished.ErrorArguments ?? [])),
            _ when attempt.CancelAskedAt is not null => (RunStatus.Cancelled, null, null, null),
            _ => (RunStatus.Failed, death?.Message, death?.Code, Texts(death?.Arguments ?? [])),
        };

    /// <summary>The arguments of a sentence are kept as texts, whatever they were.</summary>
    private static string Texts(IEnumerable<object> arguments) =>
        JsonSerializer.Serialize(arguments.Select(a => Convert.ToString(a, System.Globalization.CultureInfo.InvariantCulture)), WireJson.Options);

    private async Task EndJobAsync(HubDbContext database, Attempt attempt, FinishedEvent? finished, WorkerDeath? death, CancellationToken cancellationToken)
    {
        var job = await database.Jobs.AsNoTracking().SingleAsync(j => j.Id == attempt.JobId, cancellationToken);
        if (await database.Attempts.AnyAsync(a => a.JobId == job.Id && a.Number > attempt.Number, cancellationToken))
        {
            return;   // ended before the hub died, and already gone on
        }

        if (death?.Code == WorkerDeath.Killed && attempt.CancelAskedAt is null && attempt.Number < MostAttempts && JobFollowUps.GoesOn(job))
        {
            await database.Jobs.Where(j => j.Id == job.Id && j.Status == JobStatus.Running)
                .ExecuteUpdateAsync(s => s.SetProperty(j => j.Status, JobStatus.Queued), cancellationToken);
            return;
        }

        var (status, error, code, arguments) = Judge(finished, death, attempt);
        var (result, resultId) = ((string?)null, (int?)null);
        if (status == RunStatus.Finished)
        {
            try
            {
                result = await File.ReadAllTextAsync(new JobFolder(paths.At(attempt.Folder)).ResultFile, cancellationToken);
                resultId = await followUps.RunAsync(job, result, cancellationToken);
            }
            catch (Exception e) when (e is IOException or JsonException or Engine.InputException)
            {
                LogNoResult(e, job.Id);
                var why = Reason(e);
                (status, error, code, arguments) = (RunStatus.Failed, $"The result of the job could not be taken over: {why}", "job.result", Texts([why]));
            }
        }

        var followUp = JobSecrets.Without(job);
        var final = status switch
        {
            RunStatus.Finished => JobStatus.Finished,
            RunStatus.Failed => JobStatus.Failed,
            _ => JobStatus.Cancelled,
        };
        await database.Jobs.Where(j => j.Id == job.Id && j.Status == JobStatus.Running)
            .ExecuteUpdateAsync(
                s => s.SetProperty(j => j.Status, final)
                    .SetProperty(j => j.Error, error)
                    .SetProperty(j => j.ErrorCode, code)
                    .SetProperty(j => j.ErrorArguments, arguments)
                    .SetProperty(j => j.ResultJson, result)
                    .SetProperty(j => j.ResultId, resultId)
                    .SetProperty(j => j.FollowUpJson, followUp)
                    .SetProperty(j => j.EndedAt, DateTime.UtcNow),
                cancellationToken);
    }

    /// <summary>Ours is said as it is; the system's own messages name paths of this machine and stay in the log.</summary>
    private static string Reason(Exception e) => e is Engine.InputException ? e.Message : "a file could not be read or written; the hub's log says which.";

    private void Tell(Attempt attempt)
    {
        if (attempt.RunId is { } run)
        {
            events.Publish(HubEvents.Run(run));
            events.Publish(HubEvents.Runs);
        }
        else
        {
            events.Publish(HubEvents.Job(attempt.JobId!.Value));
            events.Publish(HubEvents.Jobs);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The model of run {RunId} could not be stored")]
    private partial void LogNoModel(Exception exception, int runId);

    [LoggerMessage(Level = LogLevel.Error, Message = "The result of job {JobId} could not be taken over")]
    private partial void LogNoResult(Exception exception, int jobId);
}
