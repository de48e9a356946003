using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Workers;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Models;

/// <summary>What an import of a model makes of its result.</summary>
public sealed record ModelFollowUp
{
    public required string Name { get; init; }

    public ModelSource Source { get; init; } = ModelSource.Import;

    /// <summary>The model that it was made from.</summary>
    public int? BaseModelId { get; init; }

    /// <summary>The upload it came from, which is no longer needed then.</summary>
    public string? Upload { get; init; }

    /// <summary>The token of a model hub, encrypted (<see cref="JobSecrets"/>).</summary>
    public string? ProtectedToken { get; init; }
}

/// <summary>Models of hub.db. Who may call is decided by the caller.</summary>
public sealed class ModelService(IDbContextFactory<HubDbContext> databases, HubEvents events, HubPaths paths)
{
    public async Task<IReadOnlyList<Model>> ListAsync(IReadOnlyCollection<int> projectIds, bool deleted = false, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Models.AsNoTracking()
            .Where(m => projectIds.Contains(m.ProjectId) && (m.DeletedAt != null) == deleted)
            .OrderByDescending(m => m.CreatedAt).ToListAsync(cancellationToken);
    }

    public async Task<Model?> FindAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Models.AsNoTracking().FirstOrDefaultAsync(m => m.Id == id, cancellationToken);
    }

    /// <summary>Makes the row of an import that has ended well; returns the model's id.</summary>
    public async Task<int> RegisterAsync(Job job, string hash, CancellationToken cancellationToken = default)
    {
        var followUp = JsonSerializer.Deserialize<ModelFollowUp>(job.FollowUpJson ?? "{}", WireJson.Options)!;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var known = await database.Models.AsNoTracking().FirstOrDefaultAsync(
            m => m.Hash == hash && m.ProjectId == job.ProjectId && m.DeletedAt == null && m.RunId == null, cancellationToken);
        return known?.Id ?? await AddAsync(database, hash, followUp.Name, followUp.Source, job.ProjectId, job.OwnerId, null, followUp.BaseModelId, cancellationToken);
    }

    /// <summary>Makes the row of a model that a run left in the store; the same run again gives the same row.</summary>
    public async Task<int> RegisterOfRunAsync(int runId, string name, string hash, int baseModelId, int projectId, string ownerId, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var known = await database.Models.AsNoTracking().FirstOrDefaultAsync(m => m.RunId == runId && m.Hash == hash, cancellationToken);
        return known?.Id ?? await AddAsync(database, hash, name, ModelSource.Run, projectId, ownerId, runId, baseModelId, cancellationToken);
    }

    public async Task RenameAsync(int id, string name, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Models.Where(m => m.Id == id).ExecuteUpdateAsync(s => s.SetProperty(m => m.Name, name), cancellationToken);
        events.Publish(HubEvents.Models);
    }

    /// <summary>Into the trash, or out of it.</summary>
    public async Task SetDeletedAsync(int id, bool deleted, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Models.Where(m => m.Id == id)
            .ExecuteUpdateAsync(s => s.SetProperty(m => m.DeletedAt, deleted ? DateTime.UtcNow : null), cancellationToken);
        events.Publish(HubEvents.Models);
    }

    private async Task<int> AddAsync(
        HubDbContext database, string hash, string name, ModelSource source, int projectId, string ownerId, int? runId, int? baseModelId, CancellationToken cancellationToken)
    {
        var infoJson = await File.ReadAllTextAsync(Path.Combine(paths.Model(hash), "model_info.json"), cancellationToken);
        var info = JsonNode.Parse(infoJson)!.AsObject();
        var model = new Model
        {
            ProjectId = projectId,
            OwnerId = ownerId,
            Name = name,
            Hash = hash,
            InfoJson = infoJson,
            Parameters = info["parameters"]?.GetValue<long>() ?? 0,
            Licence = info["licence"]?.GetValueKind() == JsonValueKind.String ? info["licence"]!.GetValue<string>() : null,
            Source = source,
            RunId = runId,
            BaseModelId = baseModelId,
            CreatedAt = DateTime.UtcNow,
        };
        database.Models.Add(model);
        await database.SaveChangesAsync(cancellationToken);
        events.Publish(HubEvents.Models);
        return model.Id;
    }
}
