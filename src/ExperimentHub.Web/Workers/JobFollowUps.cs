using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Adapters;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Tokenizers;
using ExperimentHub.Web.Uploads;

namespace ExperimentHub.Web.Workers;

/// <summary>What the hub does when a job has left its result: makes a row of what lies in the store. Doing it twice changes nothing.</summary>
public sealed class JobFollowUps(DatasetService datasets, ModelService models, TokenizerService tokenizers, AdapterService adapters, UploadStore uploads)
{
    /// <summary>True for a job whose worker may be started again when it was killed, because it goes on where it stopped: a download.</summary>
    public static bool GoesOn(Job job) =>
        job.Kind == JobKinds.ImportModel && JsonNode.Parse(job.SettingsJson)?["from"]?.GetValue<string>() == ModelImport.FromHub;

    /// <summary>Returns the id of what came of the job, or null.</summary>
    public async Task<int?> RunAsync(Job job, string resultJson, CancellationToken cancellationToken)
    {
        var result = JsonNode.Parse(resultJson)?.AsObject() ?? throw new JsonException("result.json is empty.");
        var id = job.Kind switch
        {
            JobKinds.ImportDataset => await datasets.RegisterAsync(job, Hash(result), cancellationToken),
            JobKinds.ImportModel or JobKinds.CreateModel or JobKinds.MergeAdapter => await models.RegisterAsync(job, Hash(result), cancellationToken),
            JobKinds.ImportAdapter => await adapters.RegisterAsync(job, resultJson, cancellationToken),
            JobKinds.TrainTokenizer => await tokenizers.RegisterAsync(job, resultJson, cancellationToken),
            JobKinds.CountTokens => JsonNode.Parse(job.FollowUpJson ?? "{}")?["dataset_id"]?.GetValue<int>(),
            _ => null,
        };
        if (id is not null && JsonNode.Parse(job.FollowUpJson ?? "{}")?["upload"]?.GetValue<string>() is { } upload)
        {
            uploads.Delete(upload);   // what it held is in the store
        }

        return id;
    }

    private static string Hash(JsonObject result)
    {
        var hash = result["hash"]?.GetValue<string>();
        return Engine.ContentHash.IsValid(hash) ? hash! : throw new JsonException("result.json names no content hash.");
    }
}
