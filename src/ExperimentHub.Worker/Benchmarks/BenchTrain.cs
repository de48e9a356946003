using System.Diagnostics;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Evaluation;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Worker;

/// <summary>Fine-tunes with the product's own loop and says how fast it was and how good the result is.</summary>
internal static class BenchTrain
{
    private static readonly string[] s_options =
        ["model", "task", "rows", "test-rows", "freeze", "epochs", "batch", "max-length", "loop", "lr", "seed", "data", "row-list", "test-row-list", "threads", "save", "device"];

    public static void Run(string[] arguments)
    {
        // --loop is the other side's; here there is one loop, and --plain takes torch's operators only.
        var line = new CommandLine("bench train", arguments, s_options, ["bf16", "group", "no-group", "plain"]);
        var task = line.Text("task") ?? "sst2";
        var (model, data, batch, epochs) = (line.Required("model"), line.Required("data"), line.Integer("batch", 32), line.Integer("epochs", 1));
        TorchThreads.Set(line.Integer("threads", 0));
        var device = ComputeDevice.Resolve(line.Text("device") ?? ComputeDevice.Cpu);
        var began = Stopwatch.GetTimestamp();
        var tokenizer = Tokenizer.Load(model);
        var (trainTexts, trainLabels) = BenchRows.Read(data, task, "train", line.Text("row-list"), line.Integer("rows", 2048));
        var (testTexts, testLabels) = BenchRows.Read(data, task, "test", line.Text("test-row-list"), line.Integer("test-rows", 872));
        var train = ClassificationRows.From(tokenizer.EncodeBatch(trainTexts, null, line.Integer("max-length", 128)), trainLabels);
        var test = ClassificationRows.From(tokenizer.EncodeBatch(testTexts, null, line.Integer("max-length", 128)), testLabels);
        var tokenized = Stopwatch.GetElapsedTime(began);

        var config = new RunConfig
        {
            Epochs = epochs,
            BatchSize = batch,
            LearningRate = line.Number("lr", 5e-5),
            WeightDecay = 0,   // as in the reference's arguments
            Precision = line.Has("bf16") ? "bf16" : "fp32",
            Trainable = line.Text("freeze") switch { "head" => "head", "last1" => "last_layers", _ => "all" },
            LastLayers = 1,
            GroupByLength = !line.Has("no-group"),
            Seed = line.Integer("seed", 42),
            EvalSteps = int.MaxValue,   // once, at the end
        };
        var scratch = Directory.CreateTempSubdirectory("experimenthub-bench-");
        try
        {
            var folders = new TrainingFolders
            {
                Model = model,
                Checkpoints = Path.Combine(scratch.FullName, "checkpoints"),
                Result = line.Text("save") ?? Path.Combine(scratch.FullName, "model"),
            };
            Measure(line, config, task, train, test, folders, tokenized, device);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static void Measure(CommandLine line, RunConfig config, string task, ClassificationRows train, ClassificationRows test, TrainingFolders folders, TimeSpan tokenized, string device)
    {
        EvaluationReport? report = null;
        var epochSeconds = new List<double>();
        var seconds = 0.0;
        var stepsPerEpoch = 0L;
        var began = 0L;
        var hooks = new TrainingHooks
        {
            Stepped = step =>
            {
                seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
                if (step.Step % stepsPerEpoch == 0)
                {
                    epochSeconds.Add(Math.Round(seconds - epochSeconds.Sum(), 2));
                }
            },
            Evaluated = e => report = e,
        };
        using var training = new ClassifierTraining(config, ["0", "1"], train, test, folders, hooks, line.Has("plain"), device);
        stepsPerEpoch = training.StepsPerEpoch;
        began = Stopwatch.GetTimestamp();
        training.Run();
        Output.Json(new
        {
            What = "train",
            Loop = line.Has("plain") ? "plain" : "fast",
            Task = task,
            Device = device,
            Freeze = line.Text("freeze") ?? "none",
            Bf16 = line.Has("bf16"),
            Batch = config.BatchSize,
            Rows = train.Count,
            config.Epochs,
            train.Tokens,
            TokenizeS = Math.Round(tokenized.TotalSeconds, 3),
            Seconds = Math.Round(seconds, 2),
            SamplesPerS = Math.Round(train.Count * config.Epochs / seconds, 2),
            TokensPerS = Math.Round(train.Tokens * config.Epochs / seconds, 1),
            EpochSeconds = epochSeconds,
            PeakMb = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
            Accuracy = Math.Round(report!.Accuracy, 4),
            Threads = get_num_threads(),
        });
    }
}
