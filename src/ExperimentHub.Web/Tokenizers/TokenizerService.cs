using System.Globalization;
using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers.Training;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Workers;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Tokenizers;

/// <summary>What the training of a tokenizer makes of its result.</summary>
public sealed record TokenizerFollowUp
{
    public required string Name { get; init; }

    public required int DatasetId { get; init; }

    public required string DatasetHash { get; init; }
}

/// <summary>Trained tokenizers of hub.db, and all that can tokenise. Who may call is decided by the caller.</summary>
public sealed class TokenizerService(IDbContextFactory<HubDbContext> databases, ModelService models, JobService jobs, HubEvents events)
{
    /// <summary>What is known of one from its training.</summary>
    public static TokenizerInfo Info(TrainedTokenizer tokenizer) => JsonSerializer.Deserialize<TokenizerInfo>(tokenizer.InfoJson, WireJson.Options)!;

    public static string AddressOf(int id) => string.Create(CultureInfo.InvariantCulture, $"/models/tokenizers/{id}");

    public static TokenizerChoice Choice(TrainedTokenizer tokenizer) =>
        new(string.Create(CultureInfo.InvariantCulture, $"t{tokenizer.Id}"), tokenizer.Name, tokenizer.Hash, AddressOf(tokenizer.Id));

    public static TokenizerChoice Choice(Model model) =>
        new(model.Id.ToString(CultureInfo.InvariantCulture), model.Name, model.Hash, string.Create(CultureInfo.InvariantCulture, $"/models/{model.Id}"));

    public async Task<IReadOnlyList<TrainedTokenizer>> ListAsync(IReadOnlyCollection<int> projectIds, bool deleted = false, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Tokenizers.AsNoTracking()
            .Where(t => projectIds.Contains(t.ProjectId) && (t.DeletedAt != null) == deleted)
            .OrderByDescending(t => t.CreatedAt).ToListAsync(cancellationToken);
    }

    public async Task<TrainedTokenizer?> FindAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Tokenizers.AsNoTracking().FirstOrDefaultAsync(t => t.Id == id, cancellationToken);
    }

    /// <summary>Every tokenizer of a project: trained ones first, then those of models. What a run made has that of its base model, which stands for both.</summary>
    public async Task<IReadOnlyList<TokenizerChoice>> ChoicesAsync(int projectId, CancellationToken cancellationToken = default)
    {
        var trained = await ListAsync([projectId], cancellationToken: cancellationToken);
        var all = await models.ListAsync([projectId], cancellationToken: cancellationToken);
        var known = all.Select(m => m.Id).ToHashSet();
        var ofModels = all.Where(m => !(m.BaseModelId is { } origin && known.Contains(origin)) && JsonSerializer.Deserialize<ModelInfo>(m.InfoJson, WireJson.Options)?.Tokenizer is not null);
        return
        [
            .. trained.Select(Choice),
            .. ofModels.Select(Choice),
        ];
    }

    /// <summary>Queues the training of a tokenizer on the training texts of a data set.</summary>
    /// <exception cref="InputException">A setting cannot be.</exception>
    public async Task<Job> TrainAsync(DatasetVersion version, Dataset dataset, TokenizerTraining training, string? name, string ownerId, CancellationToken cancellationToken = default)
    {
        name = string.IsNullOrWhiteSpace(name) ? $"{dataset.Name} {training.Kind} {training.VocabularySize}" : name.Trim();
        if (name.Length > 200)
        {
            throw new InputException("Give the tokenizer a name of at most 200 characters.", "tokenizer.name");
        }

        _ = new TokenizerTrainer(training);   // says what cannot be before anything is queued
        var order = new TokenizerOrder { Name = name, Dataset = version.Hash, Kind = training.Kind, VocabularySize = training.VocabularySize, Lowercase = training.Lowercase };
        return await jobs.QueueAsync(
            JobKinds.TrainTokenizer, name, order, new TokenizerFollowUp { Name = name, DatasetId = dataset.Id, DatasetHash = version.Hash }, dataset.ProjectId, ownerId, cancellationToken);
    }

    /// <summary>Makes the row of a training that has ended well, once for each job; returns its id.</summary>
    public async Task<int> RegisterAsync(Job job, string resultJson, CancellationToken cancellationToken = default)
    {
        var followUp = JsonSerializer.Deserialize<TokenizerFollowUp>(job.FollowUpJson ?? "{}", WireJson.Options)!;
        var info = JsonSerializer.Deserialize<TokenizerInfo>(resultJson, WireJson.Options)!;
        if (!ContentHash.IsValid(info.Hash))
        {
            throw new JsonException("result.json names no content hash.");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var known = await database.Tokenizers.AsNoTracking().FirstOrDefaultAsync(
            t => t.Hash == info.Hash && t.ProjectId == job.ProjectId && t.Name == followUp.Name && t.DeletedAt == null, cancellationToken);
        if (known is not null)
        {
            return known.Id;
        }

        var tokenizer = new TrainedTokenizer
        {
            ProjectId = job.ProjectId,
            OwnerId = job.OwnerId,
            Name = followUp.Name,
            Hash = info.Hash,
            InfoJson = JsonSerializer.Serialize(info, WireJson.Options),
            DatasetId = followUp.DatasetId,
            DatasetHash = followUp.DatasetHash,
            CreatedAt = DateTime.UtcNow,
        };
        database.Tokenizers.Add(tokenizer);
        await database.SaveChangesAsync(cancellationToken);
        events.Publish(HubEvents.Tokenizers);
        return tokenizer.Id;
    }

    /// <summary>Into the trash, or out of it.</summary>
    public async Task SetDeletedAsync(int id, bool deleted, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Tokenizers.Where(t => t.Id == id).ExecuteUpdateAsync(s => s.SetProperty(t => t.DeletedAt, deleted ? DateTime.UtcNow : null), cancellationToken);
        events.Publish(HubEvents.Tokenizers);
    }
}
