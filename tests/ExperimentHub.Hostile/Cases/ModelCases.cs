using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Hostile.Pack;

namespace ExperimentHub.Hostile.Cases;

/// <summary>Model folders and archives of them: imported, and asked for a prediction when they were accepted.</summary>
internal static class ModelCases
{
    public static async Task<CaseAnswer> RunAsync(HostileCase hostile, Workplace place)
    {
        var isFolder = Directory.Exists(place.Input);
        var folder = WorkerJob.Prepare(place, JobKinds.ImportModel, new ModelImport
        {
            From = isFolder ? ModelImport.FromFolder : ModelImport.FromArchive,
            Path = place.Input,
            FileName = isFolder ? null : hostile.FileName,
        });
        var answer = await WorkerJob.RunAsync(folder);
        if (answer.Outcome is null or CaseAnswer.Refuse)
        {
            return answer;
        }

        var info = WorkerJob.Result<ModelInfo>(folder);
        using var classifier = TextClassifier.Load(Path.Combine(place.Store, "models", info.Hash));
        var prediction = classifier.Predict(["good"])[0];
        return prediction.Scores.Count == classifier.Labels.Distinct().Count() ? answer
            : answer with { Faults = [$"{prediction.Scores.Count} scores for {classifier.Labels.Count} labels"] };
    }
}
