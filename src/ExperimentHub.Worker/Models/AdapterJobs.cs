using System.Text.Json;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker.Models;

/// <summary>The jobs <c>import_adapter</c>, whose result is the <see cref="AdapterInfo"/>, and <c>merge_adapter</c>, whose result is the model's.</summary>
internal static class AdapterJobs
{
    public static Task<FinishedEvent> ImportAsync(JobContext job)
    {
        var (_, chosen) = job.Folder.ReadRun<AdapterImport>();
        var progress = new PacedProgress(job.Events);
        return RunAsync(job, cancellation => AdapterImporter.Import(chosen, job.Header.Store, (done, total) => progress.Report("copying", done, total, 0, 0.9), cancellation));
    }

    public static Task<FinishedEvent> MergeAsync(JobContext job)
    {
        var (_, chosen) = job.Folder.ReadRun<AdapterMerge>();
        var progress = new PacedProgress(job.Events);
        return RunAsync(job, cancellation => AdapterMerger.Merge(
            chosen, job.Header.Store, stage => progress.Report(stage, 0, 1, stage switch { "loading" => 0, "merging" => 0.4, _ => 0.6 }, 0), cancellation));
    }

    private static async Task<FinishedEvent> RunAsync<T>(JobContext job, Func<CancellationToken, T> work)
    {
        job.Events.Write(new StartedEvent { Attempt = job.Header.Attempt });
        using var cancellation = new JobCancellation(job);
        try
        {
            var result = await Task.Run(() => work(cancellation.Token), cancellation.Token);
            AtomicFile.Write(job.Folder.ResultFile, stream => JsonSerializer.Serialize(stream, result, WireJson.Indented));
            return new FinishedEvent { Outcome = Outcomes.Completed };
        }
        catch (OperationCanceledException) when (cancellation.Token.IsCancellationRequested)
        {
            return new FinishedEvent { Outcome = Outcomes.Cancelled };
        }
    }
}
