using System.Text.Json;
using ExperimentHub.Engine.Datasets.Tokens;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Workers;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Datasets;

/// <summary>What a count of tokens belongs to, for the menu of tasks.</summary>
public sealed record TokenCountFollowUp
{
    public required int DatasetId { get; init; }
}

/// <summary>
/// Lengths of a data set in tokens of a tokenizer. The job that counted them is their place: the same rows and the same tokenizer are
/// never counted twice in a project. Who may call is decided by the caller.
/// </summary>
public sealed class DatasetTokens(IDbContextFactory<HubDbContext> databases, JobService jobs)
{
    /// <summary>The newest count of this version with this tokenizer, by content hash, done or at work; null if nobody has asked.</summary>
    public async Task<JobView?> FindAsync(int projectId, string dataset, string tokenizer, CancellationToken cancellationToken = default)
    {
        var settings = JsonSerializer.Serialize(Asked(dataset, tokenizer), WireJson.Options);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var id = await database.Jobs.Where(j => j.Kind == JobKinds.CountTokens && j.ProjectId == projectId && j.SettingsJson == settings)
            .OrderByDescending(j => j.Id).Select(j => (int?)j.Id).FirstOrDefaultAsync(cancellationToken);
        return id is { } found ? await jobs.FindAsync(found, cancellationToken) : null;
    }

    /// <summary>Counts, unless it is known or under way.</summary>
    public async Task<JobView> CountAsync(Dataset dataset, DatasetVersion version, string tokenizer, string ownerId, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(dataset.ProjectId, version.Hash, tokenizer, cancellationToken) is { Job.Status: JobStatus.Queued or JobStatus.Running or JobStatus.Finished } known)
        {
            return known;
        }

        var job = await jobs.QueueAsync(
            JobKinds.CountTokens, dataset.Name, Asked(version.Hash, tokenizer), new TokenCountFollowUp { DatasetId = dataset.Id }, dataset.ProjectId, ownerId, cancellationToken);
        return new JobView(job, null);
    }

    /// <summary>What a finished count found.</summary>
    public static TokenLengths? Lengths(JobView? view) =>
        view is { Job: { Status: JobStatus.Finished, ResultJson: { } json } } ? JsonSerializer.Deserialize<TokenLengths>(json, WireJson.Options) : null;

    private static TokenCount Asked(string dataset, string tokenizer) => new() { Dataset = dataset, Tokenizer = tokenizer };
}
