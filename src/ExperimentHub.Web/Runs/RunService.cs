using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Workers;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Runs;

/// <summary>Creates runs and moves their status. Each move names the states it may leave; the loser of a race does nothing. Who may call is decided by the caller.</summary>
public sealed class RunService(IDbContextFactory<HubDbContext> databases, RunConfigResolver resolver, HubEvents events, HubPaths paths)
{
    /// <summary>Asked at every notice of every run that somebody looks at, so its translation is kept.</summary>
    private static readonly Func<HubDbContext, int, CancellationToken, Task<Run?>> s_find = EF.CompileAsyncQuery(
        (HubDbContext database, int id, CancellationToken _) => database.Runs.AsNoTracking().FirstOrDefault(r => r.Id == id));

    public async Task<IReadOnlyList<Run>> ListAsync(IReadOnlyCollection<int> projectIds, bool deleted = false, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Runs.AsNoTracking()
            .Where(r => projectIds.Contains(r.ProjectId) && (r.DeletedAt != null) == deleted)
            .OrderByDescending(r => r.Id).ToListAsync(cancellationToken);
    }

    public async Task<Run?> FindAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await s_find(database, id, cancellationToken);
    }

    /// <summary>What waits, in the order in which it starts.</summary>
    public async Task<IReadOnlyList<Run>> QueueAsync(CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Runs.AsNoTracking().Where(r => r.Status == RunStatus.Queued && r.DeletedAt == null)
            .OrderBy(r => r.QueueOrder).ThenBy(r => r.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Creates a run and queues it. With faults nothing is created and the run is null.</summary>
    public async Task<(Run? Run, ResolvedConfig Resolved)> CreateAsync(
        JsonObject config, int projectId, string ownerId, int? clonedFromId = null, CancellationToken cancellationToken = default)
    {
        var resolved = await resolver.ResolveAsync(config, projectId, cancellationToken);
        if (resolved.Faults.Count > 0)
        {
            return (null, resolved);
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var run = new Run
        {
            ProjectId = projectId,
            OwnerId = ownerId,
            Name = resolved.Config.Name,
            Status = RunStatus.Queued,
            ConfigJson = JsonSerializer.Serialize(resolved.Config, WireJson.Indented),
            DatasetVersionId = resolved.Dataset!.Id,
            ModelId = resolved.Model!.Id,
            ClonedFromId = clonedFromId,
            QueueOrder = await LastOrderAsync(database, cancellationToken) + 1,
            Color = await database.Runs.CountAsync(r => r.ProjectId == projectId, cancellationToken) % 10,
            CreatedAt = DateTime.UtcNow,
            QueuedAt = DateTime.UtcNow,
        };
        database.Runs.Add(run);
        await database.SaveChangesAsync(cancellationToken);
        Publish(run.Id);
        return (run, resolved);
    }

    public static RunConfig ConfigOf(Run run) => JsonSerializer.Deserialize<RunConfig>(run.ConfigJson, WireJson.Options)!;

    /// <summary>Saves a checkpoint, then ends; a run that still waits leaves the queue.</summary>
    public async Task<bool> StopAsync(int id, CancellationToken cancellationToken = default) =>
        await DequeueAsync(id, RunStatus.Stopped, cancellationToken) || await EndAsync(id, Commands.Stop, cancellationToken);

    /// <summary>Ends at once; nothing more is saved.</summary>
    public async Task<bool> CancelAsync(int id, CancellationToken cancellationToken = default) =>
        await DequeueAsync(id, RunStatus.Cancelled, cancellationToken) || await EndAsync(id, Commands.Cancel, cancellationToken);

    /// <summary>Queues a run that ended early once more; it goes on from its last checkpoint, or from the start if it has none.</summary>
    public async Task<bool> ResumeAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var order = await LastOrderAsync(database, cancellationToken) + 1;
        return await MoveAsync(
            database, id, r => r.Status == RunStatus.Stopped || r.Status == RunStatus.Cancelled || r.Status == RunStatus.Failed,
            s => s.SetProperty(r => r.Status, RunStatus.Queued).SetProperty(r => r.QueueOrder, order).SetProperty(r => r.QueuedAt, DateTime.UtcNow),
            cancellationToken);
    }

    public async Task<bool> CheckpointNowAsync(int id, CancellationToken cancellationToken = default) =>
        await SendAsync(id, Commands.CheckpointNow, null, cancellationToken);

    public async Task<bool> SetLearningRateAsync(int id, double learningRate, CancellationToken cancellationToken = default) =>
        await SendAsync(id, Commands.SetLearningRate, learningRate, cancellationToken);

    /// <summary>Moves a waiting run up (−1) or down (+1) by one place.</summary>
    public async Task<bool> ReorderAsync(int id, int by, CancellationToken cancellationToken = default)
    {
        var queue = await QueueAsync(cancellationToken);
        var at = queue.ToList().FindIndex(r => r.Id == id);
        var to = at + by;
        if (at < 0 || to < 0 || to >= queue.Count)
        {
            return false;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var order = (queue[to].QueueOrder + (by < 0 ? to > 0 ? queue[to - 1].QueueOrder : queue[to].QueueOrder - 2 : to < queue.Count - 1 ? queue[to + 1].QueueOrder : queue[to].QueueOrder + 2)) / 2;
        return await MoveAsync(database, id, r => r.Status == RunStatus.Queued, s => s.SetProperty(r => r.QueueOrder, order), cancellationToken);
    }

    public async Task<bool> RenameAsync(int id, string name, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await MoveAsync(database, id, r => true, s => s.SetProperty(r => r.Name, name), cancellationToken);
    }

    public async Task<bool> SetNotesAsync(int id, string? notes, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await MoveAsync(database, id, r => true, s => s.SetProperty(r => r.Notes, notes), cancellationToken);
    }

    /// <summary>Into the trash (only what has ended), or out of it.</summary>
    public async Task<bool> SetDeletedAsync(int id, bool deleted, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await MoveAsync(
            database, id,
            r => r.Status != RunStatus.Starting && r.Status != RunStatus.Running && r.Status != RunStatus.Stopping && r.Status != RunStatus.Queued,
            s => s.SetProperty(r => r.DeletedAt, deleted ? DateTime.UtcNow : null), cancellationToken);
    }

    private async Task<bool> DequeueAsync(int id, RunStatus to, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await MoveAsync(
            database, id, r => r.Status == RunStatus.Queued,
            s => s.SetProperty(r => r.Status, to).SetProperty(r => r.EndedAt, DateTime.UtcNow), cancellationToken);
    }

    private async Task<bool> EndAsync(int id, string command, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        // A cancel may follow a stop that takes too long, so "stopping" may be left for "stopping".
        var moved = await MoveAsync(
            database, id, r => r.Status == RunStatus.Starting || r.Status == RunStatus.Running || r.Status == RunStatus.Stopping,
            s => s.SetProperty(r => r.Status, RunStatus.Stopping), cancellationToken);
        return moved && await CommandLine.SendAsync(database, paths, a => a.RunId == id, command, null, cancellationToken);
    }

    private async Task<bool> SendAsync(int id, string command, double? value, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await CommandLine.SendAsync(database, paths, a => a.RunId == id, command, value, cancellationToken);
    }

    private async Task<bool> MoveAsync(
        HubDbContext database, int id, Expression<Func<Run, bool>> from, Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<Run>> set, CancellationToken cancellationToken)
    {
        var moved = await database.Runs.Where(r => r.Id == id).Where(from).ExecuteUpdateAsync(set, cancellationToken);
        Publish(id);
        return moved > 0;
    }

    private static async Task<double> LastOrderAsync(HubDbContext database, CancellationToken cancellationToken) =>
        await database.Runs.Where(r => r.Status == RunStatus.Queued).MaxAsync(r => (double?)r.QueueOrder, cancellationToken) ?? 0;

    private void Publish(int id)
    {
        events.Publish(HubEvents.Run(id));
        events.Publish(HubEvents.Runs);
    }
}
