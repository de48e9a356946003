using ExperimentHub.Engine;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Training;

namespace ExperimentHub.Worker;

/// <summary>The job <c>train</c>: from run.json to the model folder.</summary>
internal static class TrainJob
{
    public static async Task<FinishedEvent> RunAsync(JobContext context)
    {
        var (header, config) = context.Folder.ReadRun<RunConfig>();
        if (!ContentHash.IsValid(config.Model) || !ContentHash.IsValid(config.Dataset))
        {
            throw new InputException("run.json: model and dataset must be content hashes of the store.", "run.hashes");
        }

        return await RunAsync(context, config, new TrainingSources
        {
            Model = Path.Combine(header.Store, "models", config.Model),
            Dataset = Path.Combine(header.Store, "datasets", config.Dataset),
        });
    }

    /// <summary>The same with folders that are named; <paramref name="console"/> hears of each step, for a person at a terminal.</summary>
    public static async Task<FinishedEvent> RunAsync(JobContext context, RunConfig config, TrainingSources sources, Action<StepReport>? console = null)
    {
        var header = context.Header;
        Check(config, sources.Model);
        using var reports = new TrainingReporter(context, config, console);
        reports.Progress("reading", 0, null, 0);
        var tokenizer = Tokenizer.Load(sources.Model);
        var data = await TrainingData.LoadAsync(sources, config, tokenizer, (done, total) => reports.Progress("tokenizing", done, total, 0));
        if (data.Train.Count == 0 || data.Validation.Count == 0)
        {
            throw new InputException($"The data set has no {(data.Train.Count == 0 ? "training" : "validation")} rows with a label; split it again.", data.Train.Count == 0 ? "run.no_train_rows" : "run.no_validation_rows");
        }

        TorchThreads.Set(header.Threads);
        var device = ComputeDevice.Resolve(header.Device);
        var train = data.Train.Take(BatchPlan.Choose(data.Train.Count, config.MaxTrainRows, config.Seed));
        var folders = new TrainingFolders
        {
            Model = sources.Model,
            Checkpoints = context.Folder.At(header.Output),
            Result = context.Folder.ModelFolder,
            ResumeFrom = ChooseCheckpoint(context, reports),
        };
        reports.Progress("loading", 0, null, 0);
        using var training = new ClassifierTraining(config, data.Labels, train, data.Validation, folders, reports.Hooks, WorkerSettings.PlainKernels, device);
        reports.Started(training, data, train.Count, WorkerFacts.Collect(training));
        var result = training.Run();
        return Finish(reports, data, result, folders.Result, config.Name, device);
    }

    /// <summary>The newest checkpoint that is what was written; the log tells of those that are not.</summary>
    private static string? ChooseCheckpoint(JobContext context, TrainingReporter reports)
    {
        var named = context.Header.ResumeFrom ?? [];
        foreach (var folder in named.Select(n => Path.GetFullPath(context.Folder.At(n))))
        {
            if (CheckpointSeal.FindDamage(folder) is not { } damaged)
            {
                return folder;
            }

            reports.Log($"The checkpoint {InputException.Quote(Path.GetFileName(folder))} is damaged ({InputException.Quote(damaged)}) and is passed over.", "warning");
        }

        if (named.Count > 0)
        {
            reports.Log("No checkpoint of this run is whole; it begins again at step 0.", "warning");
        }

        return null;
    }

    private static void Check(RunConfig config, string model)
    {
        if (!Directory.Exists(model))
        {
            throw new InputException("The model is not in the store; import it again.", "model.missing");
        }

        var info = ModelConfig.Read(model);
        var named = config with
        {
            Name = config.Name.Length > 0 ? config.Name : "by hand",
            Model = new string('0', ContentHash.Length),     // found already, whatever it was called
            Dataset = new string('0', ContentHash.Length),
        };
        var faults = RunConfigValidator.Validate(named, new RunFacts { ModelLayers = info.Layers, ModelMaxLength = info.MaxLength });
        if (faults.Count > 0)
        {
            throw new InputException(string.Join(' ', faults.Select(f => f.Message)), faults[0].Code, [.. faults[0].Arguments]);
        }
    }

    private static FinishedEvent Finish(TrainingReporter reports, TrainingData data, TrainingResult result, string model, string runName, string device)
    {
        var values = new Dictionary<string, double>(result.Best?.Values() ?? new Dictionary<string, double>());
        foreach (var (name, value) in reports.LastValues)
        {
            values.TryAdd(name, value);
        }

        var completed = result.End is TrainingEnd.Completed or TrainingEnd.EarlyStopped;
        if (completed)
        {
            values["best_step"] = result.BestStep;
            ModelStore.Describe(model, runName, "run");
            reports.Log(result.End == TrainingEnd.EarlyStopped
                ? $"Stopped early at step {result.Step}: no better value since step {result.BestStep}."
                : $"Finished; the best weights are those of step {result.BestStep}.");
            if (data.Test.Count > 0)
            {
                using var classifier = TextClassifier.Load(model, device);
                var report = classifier.Evaluate(data.Test, "test", result.BestStep, (done, total) => reports.Progress("evaluating", done, total, 1));
                reports.Evaluated(report, result.Step);
                foreach (var (name, value) in report.Values())
                {
                    values[name] = value;
                }
            }
        }

        return new FinishedEvent
        {
            Outcome = completed ? Outcomes.Completed : result.End == TrainingEnd.Stopped ? Outcomes.Stopped : Outcomes.Cancelled,
            Step = result.Step,
            Values = values,
        };
    }
}
