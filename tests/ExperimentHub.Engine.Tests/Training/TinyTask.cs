using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Tests.Models;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Training;

/// <summary>A task that a tiny model learns in seconds: which of two words a row of random tokens holds.</summary>
internal sealed class TinyTask : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    /// <summary>From a model of another family (<see cref="TinyModels"/>), which has no dropout.</summary>
    public TinyTask(string family)
    {
        Model = Directory.CreateDirectory(Path.Combine(_directory.FullName, "start")).FullName;
        using var model = TinyModels.Classifier(family);
        ModelSaver.Save(model, Model, Model);
    }

    public TinyTask(double dropout = 0.1)
    {
        Model = Path.Combine(_directory.FullName, "start");
        Directory.CreateDirectory(Model);
        random.manual_seed(7);
        var config = new BertConfig
        {
            VocabSize = 60,
            HiddenSize = 24,
            Layers = 2,
            Heads = 3,
            IntermediateSize = 40,
            MaxPositions = 16,
            HiddenDropout = dropout,
            AttentionDropout = dropout,
        };
        using var bert = ModelLoader.Create(config with { Labels = Labels }, ModelHead.SequenceClassification);
        ModelSaver.Save(bert, Model, _directory.FullName);
    }

    public string[] Labels { get; } = ["no", "yes"];

    public string Model { get; }

    public RunConfig Config { get; } = new() { Epochs = 3, BatchSize = 8, LearningRate = 3e-3, Precision = "fp32", Seed = 3 };

    public static ClassificationRows Rows(int count, int seed)
    {
        var random = new Random(seed);
        var (ids, offsets, labels) = (new List<int>(), new List<long> { 0 }, new List<int>());
        for (var row = 0; row < count; row++)
        {
            var label = random.Next(2);
            var length = random.Next(3, 9);
            ids.Add(2);
            for (var i = 0; i < length; i++)
            {
                ids.Add(i == length / 2 ? 5 + label : random.Next(10, 60));
            }

            offsets.Add(ids.Count);
            labels.Add(label);
        }

        return new ClassificationRows { Ids = [.. ids], Offsets = [.. offsets], Labels = [.. labels] };
    }

    public TrainingFolders Folders(string name, string? resumeFrom = null) => new()
    {
        Model = Model,
        Checkpoints = Path.Combine(_directory.FullName, name, "checkpoints"),
        Result = Path.Combine(_directory.FullName, name, "model"),
        ResumeFrom = resumeFrom,
    };

    public TrainingResult Train(string name, RunConfig config, TrainingHooks? hooks = null, string? resumeFrom = null, bool plain = false, string device = ComputeDevice.Cpu)
    {
        Directory.CreateDirectory(Path.Combine(_directory.FullName, name));
        using var training = new ClassifierTraining(config, Labels, Rows(84, 1), Rows(40, 2), Folders(name, resumeFrom), hooks ?? new TrainingHooks(), plain, device);
        return training.Run();
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
