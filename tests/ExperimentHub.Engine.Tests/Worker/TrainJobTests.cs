using System.Text.Json;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Evaluation;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Tests;
using ExperimentHub.Worker;

namespace ExperimentHub.Engine.Tests.Worker;

/// <summary>The whole job in its folder, with a tiny model and rows of a file, as the hub would ask for it.</summary>
public sealed class TrainJobTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public async Task RunAsync_LeavesModelReportsAndEvents()
    {
        var folder = await PrepareAsync(attempt: 1, new RunConfig { Name = "t", Epochs = 2, BatchSize = 8, LearningRate = 1e-2, MaxLength = 12, Precision = "fp32", Trainable = "all" });

        var code = await JobHost.RunAsync(folder);

        var events = Events(folder);
        var finished = Assert.IsType<FinishedEvent>(events[^1]);
        Assert.Equal((0, Outcomes.Completed, null), (code, finished.Outcome, finished.Error));
        var started = Assert.Single(events.OfType<StartedEvent>());
        Assert.Equal(started.TotalSteps, finished.Step);
        Assert.Equal("fp32", started.Environment!["precision"]);
        Assert.All(["train_loss", "eval_accuracy", "eval_f1", "test_accuracy"], key => Assert.Contains(key, finished.Values!.Keys));
        Assert.Equal(1, events.OfType<MetricsEvent>().First().Step);
        Assert.Equal(["validation", "validation", "test"], events.OfType<EvaluationEvent>().Select(e => e.Split));
        var report = JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(folder.At(events.OfType<EvaluationEvent>().First().Path)), WireJson.Options)!;
        Assert.Equal(["bad", "good"], report.Classes.Select(c => c.Label));
        Assert.All(events.OfType<CheckpointEvent>(), c => Assert.True(Directory.Exists(folder.At(c.Path))));

        using var classifier = TextClassifier.Load(folder.ModelFolder);
        var prediction = classifier.Predict(["good good good"])[0];
        Assert.Equal(1, prediction.Scores.Values.Sum(), 1e-9);
        Assert.Equal(["bad", "good"], prediction.Scores.Keys);
    }

    [Fact]
    public async Task RunAsync_StoppedAndResumedByTheProtocol_LeavesTheSameWeightsAsOneRun()
    {
        var config = new RunConfig { Name = "t", Epochs = 3, BatchSize = 8, LearningRate = 1e-2, MaxLength = 12, Precision = "fp32" };
        var whole = await PrepareAsync(attempt: 10, config);
        await JobHost.RunAsync(whole);
        var first = await PrepareAsync(attempt: 11, config);
        ControlWriter.Append(first, "token-11", 1, Commands.Stop);   // before the first step
        await JobHost.RunAsync(first);
        Assert.Equal(Outcomes.Stopped, Assert.IsType<FinishedEvent>(Events(first)[^1]).Outcome);

        var checkpoint = Events(first).OfType<CheckpointEvent>().Single().Path;
        var second = await PrepareAsync(attempt: 12, config, resumeFrom: "../11/" + checkpoint);
        await JobHost.RunAsync(second);

        Assert.Equal(
            ContentHash.OfFile(Path.Combine(whole.ModelFolder, "model.safetensors")),
            ContentHash.OfFile(Path.Combine(second.ModelFolder, "model.safetensors")));
    }

    [Fact]
    public async Task RunAsync_SaysAllThatIsWrongWithTheSettings()
    {
        var folder = await PrepareAsync(attempt: 1, new RunConfig { Name = "t", MaxLength = 500, BatchSize = 0 });

        var code = await JobHost.RunAsync(folder);

        var finished = Assert.IsType<FinishedEvent>(Events(folder)[^1]);
        Assert.Equal((1, Outcomes.Failed), (code, finished.Outcome));
        Assert.Contains("batch_size", finished.Error, StringComparison.Ordinal);
        Assert.Contains("16 tokens", finished.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static List<WorkerEvent> Events(JobFolder folder) =>
        [.. File.ReadLines(folder.EventsFile).Select(l => JsonSerializer.Deserialize<WorkerEvent>(l, WireJson.Options)!)];

    private async Task<JobFolder> PrepareAsync(int attempt, RunConfig config, string? resumeFrom = null)
    {
        var store = Path.Combine(_directory.FullName, "store");
        var file = Path.Combine(_directory.FullName, "rows.csv");
        var random = new Random(1);
        File.WriteAllLines(file, Enumerable.Range(0, 120).Select(i => i % 2 == 0 ? $"good film {random.Next(1000)},good" : $"bad film {random.Next(1000)},bad").Prepend("text,label"));
        var info = await DatasetImporter.ImportAsync(new DatasetImport { File = file, FileName = "rows.csv" }, store);
        var model = new string('a', ContentHash.Length);
        var target = Path.Combine(store, "models", model);
        Directory.CreateDirectory(target);
        foreach (var source in Directory.EnumerateFiles(Shared.Path("hostile", "base", "encoder")))
        {
            File.WriteAllBytes(Path.Combine(target, Path.GetFileName(source)), File.ReadAllBytes(source));
        }

        // Outside a folder named attempts nobody fences: each attempt here is a run of its own.
        var folder = new JobFolder(Path.Combine(_directory.FullName, "runs", attempt.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        folder.WriteRun(
            new JobHeader { Token = $"token-{attempt}", Attempt = attempt, Store = store, ResumeFrom = resumeFrom is null ? null : [resumeFrom] },
            config with { Model = model, Dataset = info.Hash });
        return folder;
    }
}
