using System.Text.Json;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers.Training;
using ExperimentHub.Web.Adapters;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Projects;
using ExperimentHub.Web.Runs;
using ExperimentHub.Web.Tokenizers;
using ExperimentHub.Web.Workers;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Tests.Security;

/// <summary>A private project with one of everything, all named with <see cref="Secret"/>, which no stranger may ever see.</summary>
internal sealed record PrivateThings(int Project, int Run, int Dataset, int Version, int Model, int Tokenizer, int Adapter, int Job)
{
    public const string Secret = "hidden-7f3a9c";

    /// <summary>Makes them for <paramref name="ownerId"/>.</summary>
    public static async Task<PrivateThings> MakeAsync(HubFactory hub, string ownerId)
    {
        await using var database = await hub.Services.GetRequiredService<IDbContextFactory<HubDbContext>>().CreateDbContextAsync();
        var project = database.Projects.Add(new Project { Name = $"{Secret} {Guid.NewGuid():n}", IsPrivate = true, OwnerId = ownerId, CreatedAt = DateTime.UtcNow }).Entity;
        await database.SaveChangesAsync();
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Guid.NewGuid().ToByteArray()));
        var version = new DatasetVersion { Number = 1, Hash = hash, InfoJson = "{}", CreatedAt = DateTime.UtcNow };
        var dataset = database.Datasets.Add(new Dataset { ProjectId = project.Id, OwnerId = ownerId, Name = Secret, CreatedAt = DateTime.UtcNow, Versions = [version] }).Entity;
        var model = database.Models.Add(new Model { ProjectId = project.Id, OwnerId = ownerId, Name = Secret, Hash = hash, InfoJson = "{}", CreatedAt = DateTime.UtcNow }).Entity;
        var info = new TokenizerInfo { Kind = TokenizerTraining.Bpe, AskedVocabularySize = 100, Texts = 1, Characters = 1, Hash = hash };
        var tokenizer = database.Tokenizers.Add(new TrainedTokenizer
        {
            ProjectId = project.Id,
            OwnerId = ownerId,
            Name = Secret,
            Hash = hash,
            InfoJson = JsonSerializer.Serialize(info, WireJson.Options),
            DatasetHash = hash,
            CreatedAt = DateTime.UtcNow,
        }).Entity;
        var job = database.Jobs.Add(new Job
        {
            ProjectId = project.Id,
            OwnerId = ownerId,
            Kind = JobKinds.ImportDataset,
            Title = Secret,
            Status = JobStatus.Failed,
            SettingsJson = "{}",
            CreatedAt = DateTime.UtcNow,
        }).Entity;
        await database.SaveChangesAsync();
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(hub.Services.GetRequiredService<HubPaths>().Model(hash)).FullName, "config.json"), "{}");
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(hub.Services.GetRequiredService<HubPaths>().Tokenizer(hash)).FullName, "tokenizer.json"), "{}");
        var lora = new AdapterInfo { Name = Secret, Base = hash, Method = "LORA", CanMerge = true, Hash = hash };
        var adapter = database.Adapters.Add(new ModelAdapter
        {
            ProjectId = project.Id,
            OwnerId = ownerId,
            Name = Secret,
            Hash = hash,
            InfoJson = JsonSerializer.Serialize(lora, WireJson.Options),
            BaseModelId = model.Id,
            CreatedAt = DateTime.UtcNow,
        }).Entity;
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(hub.Services.GetRequiredService<HubPaths>().Adapter(hash)).FullName, "adapter_config.json"), "{}");
        var run = database.Runs.Add(new Run
        {
            ProjectId = project.Id,
            OwnerId = ownerId,
            Name = Secret,
            Status = RunStatus.Failed,
            ConfigJson = JsonSerializer.Serialize(new { name = Secret }),
            DatasetVersionId = version.Id,
            ModelId = model.Id,
            AttemptCount = 1,
            CreatedAt = DateTime.UtcNow,
        }).Entity;
        await database.SaveChangesAsync();
        var attempt = new AttemptKey(100_000 + run.Id, run.Id, 1);
        var events = new List<WorkerEvent>
        {
            new StartedEvent { Seq = 1 }, new MetricsEvent { Seq = 2, Step = 1, Values = new Dictionary<string, double> { [Secret] = 1 } }, new LogEvent { Seq = 3, Text = Secret },
        };
        await await hub.Services.GetRequiredService<MetricWriter>().WriteAsync(new EventBatch(attempt, new ReadPosition(1, 1, 3), events), CancellationToken.None);
        return new PrivateThings(project.Id, run.Id, dataset.Id, version.Id, model.Id, tokenizer.Id, adapter.Id, job.Id);
    }

    /// <summary>The address of a route with these ids, and whatever a page takes from its query.</summary>
    public string Address(string route)
    {
        var path = route[(route.IndexOf(' ', StringComparison.Ordinal) + 1)..]
            .Replace("/versions/{number:int}", "/versions/1", StringComparison.Ordinal)
            .Replace("{documentName}", "v1", StringComparison.Ordinal).Replace("{*path:nonfile}", "nothing-here", StringComparison.Ordinal).Replace("{**path:file}", "nothing-here.txt", StringComparison.Ordinal)
            .Replace("{Tab}", "log", StringComparison.Ordinal);
        var id = path.Contains("/runs/", StringComparison.Ordinal) ? Run
            : path.Contains("/datasets/", StringComparison.Ordinal) ? Dataset
            : path.Contains("/tokenizers/", StringComparison.Ordinal) ? Tokenizer
            : path.Contains("/adapters/", StringComparison.Ordinal) ? Adapter
            : path.Contains("/models/", StringComparison.Ordinal) ? Model
            : path.Contains("/jobs/", StringComparison.Ordinal) ? Job
            : Project;
        path = path.Replace("{id:int}", id.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{Id:int}", id.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{id}", Guid.NewGuid().ToString("n"), StringComparison.Ordinal);
        var query = path switch
        {
            "/runs/curves" => $"?s={Run}:{Secret}",
            "/runs/new" => $"?from={Run}&model={Model}&dataset={Version}",
            "/compare" => $"?runs={Run},{Run}&ids={Run}",
            "/playground" => $"?model={Model}&models={Model}",
            "/runs" or "/models" or "/datasets" or "/api/v1/runs" or "/api/v1/models" or "/api/v1/tokenizers" or "/api/v1/adapters" or "/api/v1/datasets" => $"?project={Project}",
            _ when path.EndsWith("/move", StringComparison.Ordinal) => "?by=1",
            _ when path.Contains("/uploads/", StringComparison.Ordinal) => "?offset=0",
            _ => "",
        };
        return path + query;
    }

    /// <summary>A body that a route takes, aimed at these things.</summary>
    public object Body(string route) => route switch
    {
        "POST /api/v1/runs" or "POST /api/v1/runs/validate" => new { config = new { name = "x", model = Model, dataset = Dataset } },
        "POST /api/v1/uploads" => new { file_name = "x.csv", size = 1 },
        "POST /api/v1/models/{id:int}/predict" => new { texts = new[] { "x" } },
        "POST /api/v1/models/{id:int}/tokenize" => new { text = "x" },
        "POST /api/v1/models/{id:int}/render" => new { template = "x", messages = Array.Empty<object>() },
        "POST /api/v1/datasets" or "POST /api/v1/datasets/inspect" => new { upload = Guid.NewGuid().ToString("n") },
        "POST /api/v1/models" => new { upload = Guid.NewGuid().ToString("n") },
        "POST /api/v1/adapters" => new { upload = Guid.NewGuid().ToString("n") },
        "POST /api/v1/tokenizers" => new { dataset = Version },
        _ => new { },
    };
}
