using ExperimentHub.Engine;
using ExperimentHub.Web.Adapters;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Runs;
using ExperimentHub.Web.Tokenizers;
using ExperimentHub.Web.Workers;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Trash;

/// <summary>
/// What was deleted, the way back, and the way out. A purge removes files first and the row last: whoever dies in between leaves the row
/// in the trash, and purging it again ends the work. Who may call is decided by the caller.
/// </summary>
public sealed class TrashService(
    IDbContextFactory<HubDbContext> databases, HubPaths paths, HubEvents events, MetricWriter metrics, RunService runs, DatasetService datasets, ModelService models,
    TokenizerService tokenizers, AdapterService adapters)
{
    private const int NamedUses = 3;

    public async Task<IReadOnlyList<TrashItem>> ListAsync(IReadOnlyCollection<int> projectIds, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var items = new List<TrashItem>();
        foreach (var run in await runs.ListAsync(projectIds, deleted: true, cancellationToken))
        {
            items.Add(new TrashItem(TrashKind.Run, run.Id, run.ProjectId, run.Name, run.DeletedAt!.Value, SizeOf(FolderOf(run.Id)), [], 0));
        }

        foreach (var dataset in await datasets.ListAsync(projectIds, deleted: true, cancellationToken))
        {
            var own = await OwnContentAsync(database, dataset, cancellationToken);
            var uses = await UsesAsync(database, dataset, cancellationToken);
            items.Add(new TrashItem(TrashKind.Dataset, dataset.Id, dataset.ProjectId, dataset.Name, dataset.DeletedAt!.Value, own.Sum(h => SizeOf(paths.Dataset(h))), [.. uses.Take(NamedUses)], uses.Count));
        }

        foreach (var model in await models.ListAsync(projectIds, deleted: true, cancellationToken))
        {
            var uses = await UsesAsync(database, model, cancellationToken);
            var bytes = await IsOnlyOneAsync(database, model, cancellationToken) ? SizeOf(paths.Model(model.Hash)) : 0;
            items.Add(new TrashItem(TrashKind.Model, model.Id, model.ProjectId, model.Name, model.DeletedAt!.Value, bytes, [.. uses.Take(NamedUses)], uses.Count));
        }

        foreach (var tokenizer in await tokenizers.ListAsync(projectIds, deleted: true, cancellationToken))
        {
            var bytes = await IsOnlyOneAsync(database, tokenizer, cancellationToken) ? SizeOf(paths.Tokenizer(tokenizer.Hash)) : 0;
            items.Add(new TrashItem(TrashKind.Tokenizer, tokenizer.Id, tokenizer.ProjectId, tokenizer.Name, tokenizer.DeletedAt!.Value, bytes, [], 0));
        }

        foreach (var adapter in await adapters.ListAsync(projectIds, deleted: true, cancellationToken: cancellationToken))
        {
            var bytes = await IsOnlyOneAsync(database, adapter, cancellationToken) ? SizeOf(paths.Adapter(adapter.Hash)) : 0;
            items.Add(new TrashItem(TrashKind.Adapter, adapter.Id, adapter.ProjectId, adapter.Name, adapter.DeletedAt!.Value, bytes, [], 0));
        }

        return [.. items.OrderByDescending(i => i.DeletedAt)];
    }

    public Task RestoreAsync(TrashItem item, CancellationToken cancellationToken = default) => item.Kind switch
    {
        TrashKind.Run => runs.SetDeletedAsync(item.Id, false, cancellationToken),
        TrashKind.Dataset => datasets.SetDeletedAsync(item.Id, false, cancellationToken),
        TrashKind.Tokenizer => tokenizers.SetDeletedAsync(item.Id, false, cancellationToken),
        TrashKind.Adapter => adapters.SetDeletedAsync(item.Id, false, cancellationToken),
        _ => models.SetDeletedAsync(item.Id, false, cancellationToken),
    };

    /// <summary>Deletes for good. Something that is not in the trash any more is left alone.</summary>
    /// <exception cref="InputException">Runs still need it, or an import is at work that may be about to use the same content.</exception>
    public async Task PurgeAsync(TrashKind kind, int id, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (kind != TrashKind.Run && await database.Jobs.AnyAsync(j => j.Status == JobStatus.Queued || j.Status == JobStatus.Running, cancellationToken))
        {
            throw new InputException("An import is at work and may need the same files; delete this when it has ended.", "trash.busy");
        }

        switch (kind)
        {
            case TrashKind.Run:
                await PurgeRunAsync(database, id, cancellationToken);
                events.Publish(HubEvents.Runs);
                break;
            case TrashKind.Dataset:
                await PurgeDatasetAsync(database, id, cancellationToken);
                events.Publish(HubEvents.Datasets);
                break;
            case TrashKind.Tokenizer:
                await PurgeTokenizerAsync(database, id, cancellationToken);
                events.Publish(HubEvents.Tokenizers);
                break;
            case TrashKind.Adapter:
                await PurgeAdapterAsync(database, id, cancellationToken);
                events.Publish(HubEvents.Models);
                break;
            default:
                await PurgeModelAsync(database, id, cancellationToken);
                events.Publish(HubEvents.Models);
                break;
        }
    }

    private async Task PurgeRunAsync(HubDbContext database, int id, CancellationToken cancellationToken)
    {
        if (!await database.Runs.AnyAsync(r => r.Id == id && r.DeletedAt != null, cancellationToken))
        {
            return;
        }

        var attempts = await database.Attempts.Where(a => a.RunId == id).Select(a => a.Id).ToListAsync(cancellationToken);
        metrics.Purge(id, attempts);
        // 1. If the hub dies here, the run is in the trash without its curves.
        Delete(FolderOf(id));
        // 2. If the hub dies here, the run is in the trash without its files; the model it made lives in the store and stays.
        await database.Attempts.Where(a => a.RunId == id).ExecuteDeleteAsync(cancellationToken);
        await database.Runs.Where(r => r.Id == id && r.DeletedAt != null).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task PurgeDatasetAsync(HubDbContext database, int id, CancellationToken cancellationToken)
    {
        var dataset = await database.Datasets.AsNoTracking().Include(d => d.Versions).FirstOrDefaultAsync(d => d.Id == id && d.DeletedAt != null, cancellationToken);
        if (dataset is null)
        {
            return;
        }

        Refuse(await UsesAsync(database, dataset, cancellationToken));
        foreach (var hash in await OwnContentAsync(database, dataset, cancellationToken))
        {
            Delete(paths.Dataset(hash));
        }

        await database.Datasets.Where(d => d.Id == id && d.DeletedAt != null).ExecuteDeleteAsync(cancellationToken);   // its versions go with it
    }

    private async Task PurgeModelAsync(HubDbContext database, int id, CancellationToken cancellationToken)
    {
        var model = await database.Models.AsNoTracking().FirstOrDefaultAsync(m => m.Id == id && m.DeletedAt != null, cancellationToken);
        if (model is null)
        {
            return;
        }

        Refuse(await UsesAsync(database, model, cancellationToken));
        if (await IsOnlyOneAsync(database, model, cancellationToken))
        {
            Delete(paths.Model(model.Hash));
        }

        await database.Runs.Where(r => r.ResultModelId == id).ExecuteUpdateAsync(s => s.SetProperty(r => r.ResultModelId, (int?)null), cancellationToken);
        await database.Models.Where(m => m.Id == id && m.DeletedAt != null).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task PurgeTokenizerAsync(HubDbContext database, int id, CancellationToken cancellationToken)
    {
        var tokenizer = await database.Tokenizers.AsNoTracking().FirstOrDefaultAsync(t => t.Id == id && t.DeletedAt != null, cancellationToken);
        if (tokenizer is null)
        {
            return;
        }

        if (await IsOnlyOneAsync(database, tokenizer, cancellationToken))
        {
            Delete(paths.Tokenizer(tokenizer.Hash));
        }

        await database.Tokenizers.Where(t => t.Id == id && t.DeletedAt != null).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task PurgeAdapterAsync(HubDbContext database, int id, CancellationToken cancellationToken)
    {
        var adapter = await database.Adapters.AsNoTracking().FirstOrDefaultAsync(a => a.Id == id && a.DeletedAt != null, cancellationToken);
        if (adapter is null)
        {
            return;
        }

        if (await IsOnlyOneAsync(database, adapter, cancellationToken))
        {
            Delete(paths.Adapter(adapter.Hash));
        }

        await database.Adapters.Where(a => a.Id == id && a.DeletedAt != null).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>A run without its data or its base model could be neither understood nor resumed.</summary>
    private static void Refuse(List<string> uses)
    {
        if (uses.Count > 0)
        {
            throw new InputException(
                $"{uses.Count} runs or adapters were trained with it, such as {InputException.Quote(uses[0])}; delete those for good first.", "trash.used", uses.Count, InputException.Quote(uses[0]));
        }
    }

    private static async Task<List<string>> UsesAsync(HubDbContext database, Dataset dataset, CancellationToken cancellationToken)
    {
        var versions = dataset.Versions.ConvertAll(v => v.Id);
        return await database.Runs.Where(r => versions.Contains(r.DatasetVersionId)).OrderBy(r => r.Id).Select(r => r.Name).ToListAsync(cancellationToken);
    }

    private static async Task<List<string>> UsesAsync(HubDbContext database, Model model, CancellationToken cancellationToken) =>
    [
        .. await database.Runs.Where(r => r.ModelId == model.Id).OrderBy(r => r.Id).Select(r => r.Name).ToListAsync(cancellationToken),
        .. await database.Adapters.Where(a => a.BaseModelId == model.Id).OrderBy(a => a.Id).Select(a => a.Name).ToListAsync(cancellationToken),
    ];

    /// <summary>Content that no other data set shares, whatever its project and whether it is deleted.</summary>
    private static async Task<List<string>> OwnContentAsync(HubDbContext database, Dataset dataset, CancellationToken cancellationToken)
    {
        var hashes = dataset.Versions.Select(v => v.Hash).Distinct().ToList();
        var shared = await database.DatasetVersions.Where(v => v.DatasetId != dataset.Id && hashes.Contains(v.Hash)).Select(v => v.Hash).ToListAsync(cancellationToken);
        return [.. hashes.Except(shared).Where(ContentHash.IsValid)];
    }

    private static async Task<bool> IsOnlyOneAsync(HubDbContext database, Model model, CancellationToken cancellationToken) =>
        ContentHash.IsValid(model.Hash) && !await database.Models.AnyAsync(m => m.Id != model.Id && m.Hash == model.Hash, cancellationToken);

    private static async Task<bool> IsOnlyOneAsync(HubDbContext database, TrainedTokenizer tokenizer, CancellationToken cancellationToken) =>
        ContentHash.IsValid(tokenizer.Hash) && !await database.Tokenizers.AnyAsync(t => t.Id != tokenizer.Id && t.Hash == tokenizer.Hash, cancellationToken);

    private static async Task<bool> IsOnlyOneAsync(HubDbContext database, ModelAdapter adapter, CancellationToken cancellationToken) =>
        ContentHash.IsValid(adapter.Hash) && !await database.Adapters.AnyAsync(a => a.Id != adapter.Id && a.Hash == adapter.Hash, cancellationToken);

    private string FolderOf(int runId) => Path.Combine(paths.Runs, runId.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static long SizeOf(string folder) =>
        Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Sum(f => f.Length) : 0;

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
