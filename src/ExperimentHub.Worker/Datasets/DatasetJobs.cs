using System.Text.Json;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker.Datasets;

/// <summary>The jobs <c>inspect_dataset</c> and <c>import_dataset</c>.</summary>
internal static class DatasetJobs
{
    /// <summary>Leaves a <see cref="DatasetPreview"/> as the result.</summary>
    public static Task<FinishedEvent> InspectAsync(JobContext job)
    {
        var (_, chosen) = job.Folder.ReadRun<DatasetImport>();
        job.Events.Write(new StartedEvent { Attempt = job.Header.Attempt });
        WriteResult(job.Folder, DatasetInspector.Inspect(chosen));
        return Task.FromResult(new FinishedEvent { Outcome = Outcomes.Completed });
    }

    /// <summary>Leaves the <see cref="DatasetInfo"/> of what is in the store as the result.</summary>
    public static async Task<FinishedEvent> ImportAsync(JobContext job)
    {
        var (_, chosen) = job.Folder.ReadRun<DatasetImport>();
        job.Events.Write(new StartedEvent { Attempt = job.Header.Attempt });
        using var cancellation = new JobCancellation(job);
        try
        {
            var info = await DatasetImporter.ImportAsync(chosen, job.Header.Store, p => Report(job.Events, p), cancellation.Token);
            foreach (var warning in info.Warnings)
            {
                job.Events.Log(warning.Message, "warning");
            }

            WriteResult(job.Folder, info);
            return new FinishedEvent { Outcome = Outcomes.Completed };
        }
        catch (OperationCanceledException) when (cancellation.Token.IsCancellationRequested)
        {
            return new FinishedEvent { Outcome = Outcomes.Cancelled };
        }
    }

    private static void Report(EventWriter events, ImportProgress progress)
    {
        // Reading and writing are one pass over the file each.
        var share = progress.Total == 0 ? 0 : Math.Min(1, progress.Done / (double)progress.Total);
        events.Write(new ProgressEvent
        {
            Stage = progress.Stage,
            Done = progress.Done,
            Total = progress.Total,
            Fraction = progress.Stage switch { "hashing" => 0, "reading" => share * 0.4, _ => 0.4 + (share * 0.6) },
        });
    }

    private static void WriteResult<T>(JobFolder folder, T result) =>
        AtomicFile.Write(folder.ResultFile, stream => JsonSerializer.Serialize(stream, result, WireJson.Indented));
}
