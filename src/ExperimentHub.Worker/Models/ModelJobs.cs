using System.Text.Json;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker.Models;

/// <summary>The jobs <c>import_model</c> and <c>create_model</c>; each leaves the <see cref="ModelInfo"/> of what is in the store as its result.</summary>
internal static class ModelJobs
{
    public static Task<FinishedEvent> ImportAsync(JobContext job)
    {
        var (_, chosen) = job.Folder.ReadRun<ModelImport>();
        var progress = new PacedProgress(job.Events);
        return RunAsync(job, cancellation => chosen.From == ModelImport.FromHub
            ? HubImport.RunAsync(
                chosen,
                job.Header.Store,
                (stage, done, total) => progress.Report(stage, done, total, stage == "downloading" ? 0 : 0.9, stage == "downloading" ? 0.9 : 0.1),
                cancellation)
            : Task.Run(() => ModelImporter.Import(chosen, job.Header.Store, (done, total) => progress.Report("copying", done, total, 0, 0.9), cancellation), cancellation));
    }

    public static Task<FinishedEvent> CreateAsync(JobContext job)
    {
        var (_, chosen) = job.Folder.ReadRun<ModelCreation>();
        var progress = new PacedProgress(job.Events);
        return RunAsync(job, cancellation => ModelCreator.CreateAsync(
            chosen,
            job.Header.Store,
            (stage, done, total) => progress.Report(stage, done, total, stage == "reading" ? 0 : stage == "vocabulary" ? 0.4 : 0.8, stage is "reading" or "vocabulary" ? 0.4 : 0),
            cancellation));
    }

    private static async Task<FinishedEvent> RunAsync(JobContext job, Func<CancellationToken, Task<ModelInfo>> work)
    {
        job.Events.Write(new StartedEvent { Attempt = job.Header.Attempt });
        using var cancellation = new JobCancellation(job);
        try
        {
            var info = await work(cancellation.Token);
            foreach (var warning in info.Warnings)
            {
                job.Events.Log(warning.Message, "warning");
            }

            AtomicFile.Write(job.Folder.ResultFile, stream => JsonSerializer.Serialize(stream, info, WireJson.Indented));
            return new FinishedEvent { Outcome = Outcomes.Completed };
        }
        catch (OperationCanceledException) when (cancellation.Token.IsCancellationRequested)
        {
            return new FinishedEvent { Outcome = Outcomes.Cancelled };
        }
    }
}
