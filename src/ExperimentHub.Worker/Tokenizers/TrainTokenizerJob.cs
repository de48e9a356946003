using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Datasets.Tokens;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Worker.Tokenizers;

/// <summary>The job <c>train_tokenizer</c>: leaves a tokenizer in the store and its <see cref="TokenizerInfo"/> as the result.</summary>
internal static class TrainTokenizerJob
{
    /// <summary>The share of reading in the whole.</summary>
    private const double Reading = 0.4;

    public static async Task<FinishedEvent> RunAsync(JobContext job)
    {
        var (_, order) = job.Folder.ReadRun<TokenizerOrder>();
        if (!ContentHash.IsValid(order.Dataset))
        {
            throw new InputException("run.json: the data set must be a content hash of the store.", "run.hashes");
        }

        job.Events.Write(new StartedEvent { Attempt = job.Header.Attempt });
        var progress = new PacedProgress(job.Events);
        using var cancellation = new JobCancellation(job);
        try
        {
            var info = await DatasetTokenizer.TrainAsync(
                order,
                job.Header.Store,
                (stage, done, total) => progress.Report(stage, done, total, stage == "reading" ? 0 : Reading, stage == "reading" ? Reading : 1 - Reading),
                cancellation.Token);
            AtomicFile.Write(job.Folder.ResultFile, stream => JsonSerializer.Serialize(stream, info, WireJson.Options));
            return new FinishedEvent { Outcome = Outcomes.Completed };
        }
        catch (OperationCanceledException) when (cancellation.Token.IsCancellationRequested)
        {
            return new FinishedEvent { Outcome = Outcomes.Cancelled };
        }
    }
}
