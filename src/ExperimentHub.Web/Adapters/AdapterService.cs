using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Uploads;
using ExperimentHub.Web.Workers;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Adapters;

/// <summary>What an import of an adapter makes of its result.</summary>
public sealed record AdapterFollowUp
{
    public required string Name { get; init; }

    /// <summary>The upload it came from, which is no longer needed then.</summary>
    public string? Upload { get; init; }
}

/// <summary>Adapters of hub.db, and the jobs that bring and merge them. Who may call is decided by the caller.</summary>
public sealed class AdapterService(IDbContextFactory<HubDbContext> databases, ModelService models, JobService jobs, UploadStore uploads, HubEvents events)
{
    public static AdapterInfo Info(ModelAdapter adapter) => JsonSerializer.Deserialize<AdapterInfo>(adapter.InfoJson, WireJson.Options)!;

    public async Task<IReadOnlyList<ModelAdapter>> ListAsync(IReadOnlyCollection<int> projectIds, int? baseModelId = null, bool deleted = false, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Adapters.AsNoTracking()
            .Where(a => projectIds.Contains(a.ProjectId) && (a.DeletedAt != null) == deleted && (baseModelId == null || a.BaseModelId == baseModelId))
            .OrderByDescending(a => a.CreatedAt).ToListAsync(cancellationToken);
    }

    public async Task<ModelAdapter?> FindAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Adapters.AsNoTracking().FirstOrDefaultAsync(a => a.Id == id, cancellationToken);
    }

    /// <summary>Queues the import of an upload. Without a base, the worker looks among the models of the project.</summary>
    /// <exception cref="InputException">The upload is not there or not complete.</exception>
    public async Task<Job> UploadAsync(string uploadId, string? name, Model? basis, int projectId, string ownerId, CancellationToken cancellationToken = default)
    {
        var upload = uploads.FindComplete(uploadId, ownerId);
        return await QueueAsync(uploads.DataFile(uploadId), upload.FileName, name, basis, uploadId, projectId, ownerId, cancellationToken);
    }

    /// <summary>The same of a folder or an archive on the server; for administrators.</summary>
    /// <exception cref="InputException">There is nothing at this path.</exception>
    public async Task<Job> PathAsync(string path, string? name, Model? basis, int projectId, string ownerId, CancellationToken cancellationToken = default)
    {
        if (!Directory.Exists(path) && !File.Exists(path))
        {
            throw new InputException($"There is no folder or archive {InputException.Quote(path, 200)} on the server.", "model.no_path", InputException.Quote(path, 200));
        }

        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return await QueueAsync(path, Path.GetFileName(path), name, basis, null, projectId, ownerId, cancellationToken);
    }

    /// <summary>Queues the merge of an adapter into a copy of its base, which becomes a model.</summary>
    /// <exception cref="InputException">It is a prompt, or the name is too long.</exception>
    public async Task<Job> MergeAsync(ModelAdapter adapter, Model basis, string? name, string ownerId, CancellationToken cancellationToken = default)
    {
        if (!Info(adapter).CanMerge)
        {
            throw new InputException("A prompt or prefix stands before the text and is no part of the weights; it cannot be merged.", "adapter.no_merge");
        }

        name = ModelImports.Name(name, $"{basis.Name} + {adapter.Name}");
        var followUp = new ModelFollowUp { Name = name, Source = ModelSource.Merge, BaseModelId = basis.Id };
        return await jobs.QueueAsync(JobKinds.MergeAdapter, name, new AdapterMerge { Name = name, Adapter = adapter.Hash, Base = basis.Hash }, followUp, adapter.ProjectId, ownerId, cancellationToken);
    }

    /// <summary>Makes the row of an import that has ended well, once for each base; returns the id of the base, on whose page it is.</summary>
    public async Task<int> RegisterAsync(Job job, string resultJson, CancellationToken cancellationToken = default)
    {
        var followUp = JsonSerializer.Deserialize<AdapterFollowUp>(job.FollowUpJson ?? "{}", WireJson.Options)!;
        var info = JsonSerializer.Deserialize<AdapterInfo>(resultJson, WireJson.Options)!;
        if (!ContentHash.IsValid(info.Hash))
        {
            throw new JsonException("result.json names no content hash.");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var basis = await database.Models.AsNoTracking().Where(m => m.Hash == info.Base && m.ProjectId == job.ProjectId).OrderBy(m => m.DeletedAt != null).ThenBy(m => m.Id).FirstAsync(cancellationToken);
        if (!await database.Adapters.AnyAsync(a => a.Hash == info.Hash && a.BaseModelId == basis.Id && a.DeletedAt == null, cancellationToken))
        {
            database.Adapters.Add(new ModelAdapter
            {
                ProjectId = job.ProjectId,
                OwnerId = job.OwnerId,
                Name = followUp.Name,
                Hash = info.Hash,
                InfoJson = JsonSerializer.Serialize(info, WireJson.Options),
                BaseModelId = basis.Id,
                CreatedAt = DateTime.UtcNow,
            });
            await database.SaveChangesAsync(cancellationToken);
            events.Publish(HubEvents.Models);
        }

        return basis.Id;
    }

    /// <summary>Into the trash, or out of it.</summary>
    public async Task SetDeletedAsync(int id, bool deleted, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Adapters.Where(a => a.Id == id).ExecuteUpdateAsync(s => s.SetProperty(a => a.DeletedAt, deleted ? DateTime.UtcNow : null), cancellationToken);
        events.Publish(HubEvents.Models);
    }

    private async Task<Job> QueueAsync(string path, string fileName, string? name, Model? basis, string? upload, int projectId, string ownerId, CancellationToken cancellationToken)
    {
        name = ModelImports.Name(name, ModelImports.WithoutEnding(fileName));
        var choices = basis is null ? await models.ListAsync([projectId], cancellationToken: cancellationToken) : [];
        var import = new AdapterImport { Path = path, FileName = fileName, Name = name, Base = basis?.Hash, Choices = [.. choices.Select(m => new AdapterBaseChoice(m.Hash, m.Name))] };
        return await jobs.QueueAsync(JobKinds.ImportAdapter, name, import, new AdapterFollowUp { Name = name, Upload = upload }, projectId, ownerId, cancellationToken);
    }
}
