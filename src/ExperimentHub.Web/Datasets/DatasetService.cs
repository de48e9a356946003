using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Workers;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Datasets;

/// <summary>What an import makes of its result: a new data set, or a new version of one.</summary>
public sealed record DatasetFollowUp
{
    public required string Name { get; init; }

    /// <summary>The data set that gets a new version; null: a new one.</summary>
    public int? DatasetId { get; init; }

    public bool IsSample { get; init; }

    /// <summary>The upload it came from, which is no longer needed then.</summary>
    public string? Upload { get; init; }
}

/// <summary>Data sets of hub.db. Rows are read by <c>RowQueries</c>. Who may call is decided by the caller.</summary>
public sealed class DatasetService(IDbContextFactory<HubDbContext> databases, HubEvents events, HubPaths paths)
{
    public async Task<IReadOnlyList<Dataset>> ListAsync(IReadOnlyCollection<int> projectIds, bool deleted = false, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Datasets.AsNoTracking().Include(d => d.Versions.OrderBy(v => v.Number))
            .Where(d => projectIds.Contains(d.ProjectId) && (d.DeletedAt != null) == deleted)
            .OrderByDescending(d => d.CreatedAt).ToListAsync(cancellationToken);
    }

    public async Task<Dataset?> FindAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Datasets.AsNoTracking().Include(d => d.Versions.OrderBy(v => v.Number)).FirstOrDefaultAsync(d => d.Id == id, cancellationToken);
    }

    public async Task<DatasetVersion?> FindVersionAsync(int versionId, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.DatasetVersions.AsNoTracking().Include(v => v.Dataset).FirstOrDefaultAsync(v => v.Id == versionId, cancellationToken);
    }

    /// <summary>Makes the row of an import that has ended well; returns the data set's id.</summary>
    public async Task<int> RegisterAsync(Job job, string hash, CancellationToken cancellationToken = default)
    {
        var followUp = JsonSerializer.Deserialize<DatasetFollowUp>(job.FollowUpJson ?? "{}", WireJson.Options)!;
        var infoJson = await File.ReadAllTextAsync(Path.Combine(paths.Dataset(hash), "info.json"), cancellationToken);
        var info = JsonNode.Parse(infoJson)!.AsObject();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var known = await database.DatasetVersions.AsNoTracking()
            .Where(v => v.Hash == hash && v.Dataset.ProjectId == job.ProjectId && v.Dataset.DeletedAt == null
                && (followUp.DatasetId == null || v.DatasetId == followUp.DatasetId))
            .Select(v => (int?)v.DatasetId).FirstOrDefaultAsync(cancellationToken);
        if (known is { } id)
        {
            return id;   // the same file with the same settings again: it is there already
        }

        var dataset = followUp.DatasetId is { } existing
            ? await database.Datasets.Include(d => d.Versions).FirstOrDefaultAsync(d => d.Id == existing && d.ProjectId == job.ProjectId, cancellationToken)
                ?? throw new InputException("The data set that should get a new version is gone; import the file as a new one.", "dataset.gone")
            : database.Datasets.Add(new Dataset
            {
                ProjectId = job.ProjectId,
                OwnerId = job.OwnerId,
                Name = followUp.Name,
                IsSample = followUp.IsSample,
                CreatedAt = DateTime.UtcNow,
            }).Entity;
        dataset.Versions.Add(new DatasetVersion
        {
            Number = dataset.Versions.Count == 0 ? 1 : dataset.Versions.Max(v => v.Number) + 1,
            Hash = hash,
            InfoJson = infoJson,
            Rows = info["rows"]?.GetValue<long>() ?? 0,
            ProblemRows = info["problem_rows"]?.GetValue<long>() ?? 0,
            Task = info["task"]?.GetValue<string>(),
            CreatedAt = DateTime.UtcNow,
        });
        await database.SaveChangesAsync(cancellationToken);
        events.Publish(HubEvents.Datasets);
        return dataset.Id;
    }

    public async Task RenameAsync(int id, string name, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Datasets.Where(d => d.Id == id).ExecuteUpdateAsync(s => s.SetProperty(d => d.Name, name), cancellationToken);
        events.Publish(HubEvents.Datasets);
    }

    /// <summary>Into the trash, or out of it.</summary>
    public async Task SetDeletedAsync(int id, bool deleted, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Datasets.Where(d => d.Id == id)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.DeletedAt, deleted ? DateTime.UtcNow : null), cancellationToken);
        events.Publish(HubEvents.Datasets);
    }
}
