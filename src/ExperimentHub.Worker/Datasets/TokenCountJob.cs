using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Datasets.Tokens;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Worker.Datasets;

/// <summary>The job <c>count_tokens</c>: leaves <see cref="TokenLengths"/> as the result.</summary>
internal static class TokenCountJob
{
    public static async Task<FinishedEvent> RunAsync(JobContext job)
    {
        var (_, asked) = job.Folder.ReadRun<TokenCount>();
        if (TokenizerStore.Find(job.Header.Store, asked.Tokenizer) is not { } folder || !ContentHash.IsValid(asked.Dataset))
        {
            throw new InputException("run.json: tokenizer and dataset must be content hashes of the store.", "run.hashes");
        }

        job.Events.Write(new StartedEvent { Attempt = job.Header.Attempt });
        var progress = new PacedProgress(job.Events);
        using var cancellation = new JobCancellation(job);
        try
        {
            var lengths = await TokenLengthCounter.CountAsync(
                Path.Combine(job.Header.Store, "datasets", asked.Dataset),
                folder,
                (done, total) => progress.Report("tokenizing", done, total, 0, 1),
                cancellation.Token);
            AtomicFile.Write(job.Folder.ResultFile, stream => JsonSerializer.Serialize(stream, lengths, WireJson.Options));
            return new FinishedEvent { Outcome = Outcomes.Completed };
        }
        catch (OperationCanceledException) when (cancellation.Token.IsCancellationRequested)
        {
            return new FinishedEvent { Outcome = Outcomes.Cancelled };
        }
    }
}
