using ExperimentHub.Engine;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Worker;

/// <summary><c>worker evaluate</c>: how a classifier does on the rows of a file, as one JSON object.</summary>
internal static class EvaluateCommand
{
    public static async Task<int> RunCommand(string[] arguments)
    {
        var line = new CommandLine("evaluate", arguments, ["model", "data", "map", "max-length", "threads", "device"], []);
        TorchThreads.Set(line.Integer("threads", 0));
        using var classifier = TextClassifier.Load(line.Required("model"), ComputeDevice.Resolve(line.Text("device") ?? ComputeDevice.Auto));
        var scratch = Directory.CreateTempSubdirectory("experimenthub-evaluate-");
        try
        {
            var dataset = await HandImport.ImportAsync(line, line.Required("data"), scratch.FullName, split: false);
            var longest = line.Integer("max-length", Math.Min(classifier.MaxLength, new RunConfig().MaxLength));
            var rows = await TrainingData.LoadAllAsync(dataset, classifier.Labels, classifier.Tokenizer, longest);
            if (rows.Count == 0)
            {
                throw new InputException("The file has no rows with a label; choose the column with --map label=COLUMN.", "run.no_rows");
            }

            Output.Json(classifier.Evaluate(rows, "test", 0));
            return 0;
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }
}
