using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Models;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Runs;

/// <summary>A configuration as it will run: references resolved to content hashes, and everything that is wrong with it.</summary>
public sealed record ResolvedConfig(RunConfig Config, Model? Model, DatasetVersion? Dataset, RunFacts Facts, IReadOnlyList<ConfigFault> Faults);

/// <summary>
/// Reads a configuration as people and scripts write it. <c>model</c> and <c>dataset</c> may be a name, an id, a content hash, or
/// <c>name@version</c> for a data set; what the text means is looked up in the project.
/// </summary>
public sealed class RunConfigResolver(IDbContextFactory<HubDbContext> databases)
{
    public async Task<ResolvedConfig> ResolveAsync(JsonObject json, int projectId, CancellationToken cancellationToken = default)
    {
        json = json.DeepClone().AsObject();
        foreach (var reference in new[] { "model", "dataset" })
        {
            if (json[reference] is JsonValue value && value.GetValueKind() == JsonValueKind.Number)
            {
                json[reference] = value.ToJsonString();   // an id
            }
        }

        var (config, faults) = RunConfigValidator.Read(json);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var model = await FindModelAsync(database, config.Model, projectId, cancellationToken);
        var dataset = await FindDatasetAsync(database, config.Dataset, projectId, cancellationToken);
        var all = new List<ConfigFault>(faults);
        if (model is null && config.Model.Length > 0)
        {
            all.Add(new ConfigFault("model", "run.model_unknown", $"There is no model {InputException.Quote(config.Model)} in this project; choose one from the list.", [InputException.Quote(config.Model)]));
        }

        if (dataset is null && config.Dataset.Length > 0)
        {
            all.Add(new ConfigFault("dataset", "run.dataset_unknown", $"There is no data set {InputException.Quote(config.Dataset)} in this project; choose one from the list.", [InputException.Quote(config.Dataset)]));
        }

        config = config with { Model = model?.Hash ?? config.Model, Dataset = dataset?.Hash ?? config.Dataset };
        var facts = Facts(model, dataset);
        all.AddRange(RunConfigValidator.Validate(config, facts).Where(f => all.All(known => known.Field != f.Field)));
        return new ResolvedConfig(config, model, dataset, facts, all);
    }

    private static async Task<Model?> FindModelAsync(HubDbContext database, string text, int projectId, CancellationToken cancellationToken)
    {
        var models = database.Models.AsNoTracking().Where(m => m.ProjectId == projectId && m.DeletedAt == null);
        if (ContentHash.IsValid(text))
        {
            return await models.OrderBy(m => m.Id).FirstOrDefaultAsync(m => m.Hash == text, cancellationToken);
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? await models.FirstOrDefaultAsync(m => m.Id == id, cancellationToken)
            : await models.OrderByDescending(m => m.Id).FirstOrDefaultAsync(m => m.Name == text, cancellationToken);
    }

    private static async Task<DatasetVersion?> FindDatasetAsync(HubDbContext database, string text, int projectId, CancellationToken cancellationToken)
    {
        var versions = database.DatasetVersions.AsNoTracking().Include(v => v.Dataset)
            .Where(v => v.Dataset.ProjectId == projectId && v.Dataset.DeletedAt == null);
        if (ContentHash.IsValid(text))
        {
            return await versions.OrderBy(v => v.Id).FirstOrDefaultAsync(v => v.Hash == text, cancellationToken);
        }

        var at = text.LastIndexOf('@');
        var number = at > 0 && int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : (int?)null;
        var name = number is null ? text : text[..at];
        versions = number is null ? versions.OrderByDescending(v => v.Number) : versions.Where(v => v.Number == number);
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? await versions.FirstOrDefaultAsync(v => v.DatasetId == id, cancellationToken)
            : await versions.FirstOrDefaultAsync(v => v.Dataset.Name == name, cancellationToken);
    }

    private static RunFacts Facts(Model? model, DatasetVersion? dataset)
    {
        var modelInfo = model is null ? null : JsonNode.Parse(model.InfoJson)?.AsObject();
        var info = dataset is null ? null : JsonNode.Parse(dataset.InfoJson)?.AsObject();
        var splits = info?["split_counts"]?.Deserialize<Dictionary<string, long>>(WireJson.Options);
        return new RunFacts
        {
            ModelLayers = modelInfo?["layers"]?.GetValue<int>(),
            ModelMaxLength = modelInfo?["max_length"]?.GetValue<int>(),
            ModelKind = modelInfo?["kind"]?.GetValue<string>(),
            TrainRows = splits?.GetValueOrDefault("train"),
            ValidationRows = splits?.GetValueOrDefault("validation"),
            Labels = info?["labels"]?.AsArray().Count,
        };
    }
}
