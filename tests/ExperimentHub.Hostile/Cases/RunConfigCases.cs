using System.Text.Json.Nodes;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Hostile.Pack;

namespace ExperimentHub.Hostile.Cases;

/// <summary>run.json of a training run, given to the worker with a small model and a few rows; one that is accepted trains to its end.</summary>
internal static class RunConfigCases
{
    public static async Task<CaseAnswer> RunAsync(HostileCase hostile, Workplace place)
    {
        var store = Path.Combine(place.Data, "prepared");
        var dataset = await ImportRowsAsync(place, store);
        var model = await ModelCreator.CreateAsync(new ModelCreation { Name = "tiny", Preset = "tiny", Dataset = dataset.Hash, VocabularySize = 100 }, store);
        var folder = new JobFolder(place.Attempt);
        folder.WriteRun(
            new JobHeader { Job = JobKinds.Train, Id = 1, Token = NeutralNames.Token, Store = store, Threads = 1 },
            new RunConfig { Name = "a run", Model = model.Hash, Dataset = dataset.Hash, MaxSteps = 2, BatchSize = 4, MaxLength = 16, Precision = "fp32" });
        if (hostile.Path is not null)
        {
            File.WriteAllBytes(folder.RunFile, NeutralNames.Replace(File.ReadAllBytes(place.Input)));
        }

        var run = hostile.Patch.Count > 0 ? JsonNode.Parse(File.ReadAllText(folder.RunFile))!.AsObject() : null;
        foreach (var patch in hostile.Patch)
        {
            run![NeutralNames.Own(patch.Field)] = JsonNode.Parse(NeutralNames.Replace(patch.Json));
        }

        if (run is not null)
        {
            File.WriteAllText(folder.RunFile, run.ToJsonString());
        }

        return await WorkerJob.RunAsync(folder);
    }

    private static async Task<DatasetInfo> ImportRowsAsync(Workplace place, string store)
    {
        var rows = Path.Combine(place.Data, "rows.csv");
        var words = new[] { ("a fine day", "good"), ("a grey day", "bad"), ("fine weather", "good"), ("grey weather", "bad") };
        File.WriteAllLines(rows, Enumerable.Range(0, 40).Select(i => $"{words[i % 4].Item1} number {i},{words[i % 4].Item2}").Prepend("text,label"));
        return await DatasetImporter.ImportAsync(new DatasetImport { File = rows, FileName = "rows.csv" }, store);
    }
}
