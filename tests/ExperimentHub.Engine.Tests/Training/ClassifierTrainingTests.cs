using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Tests.Models;
using ExperimentHub.Engine.Training;
using TorchSharp;

namespace ExperimentHub.Engine.Tests.Training;

public sealed class ClassifierTrainingTests
{
    [Theory]
    [InlineData("fp32", "all", 1)]
    [InlineData("bf16", "all", 2)]
    [InlineData("fp32", "last_layers", 1)]
    [InlineData("bf16", "head", 1)]
    public void Run_ResumedInTheMiddleOfAnEpoch_LeavesTheSameBytesAsAnUninterruptedRun(string precision, string trainable, int accumulation)
    {
        using var task = new TinyTask(dropout: 0.2);
        var config = task.Config with { Precision = precision, Trainable = trainable, LastLayers = 1, GradientAccumulationSteps = accumulation, WeightDecay = 0.1 };
        task.Train("whole", config);
        var half = 0L;
        var stopAt = accumulation == 1 ? 15 : 8;
        var stopped = task.Train("first", config, new TrainingHooks
        {
            Stepped = s => half = s.Step,
            Orders = () => new TrainingOrders { Stop = half == stopAt },
        });
        Assert.Equal(TrainingEnd.Stopped, stopped.End);

        task.Train("second", config, resumeFrom: Path.Combine(task.Folders("first").Checkpoints, $"step-{stopAt:000000}"));

        foreach (var file in (string[])["model/model.safetensors", $"checkpoints/step-{(accumulation == 1 ? 33 : 18):000000}/optimizer.safetensors"])
        {
            var whole = Path.Combine(task.Folders("whole").Result, "..", file);
            var resumed = Path.Combine(task.Folders("second").Result, "..", file);
            Assert.Equal(ContentHash.OfFile(whole), ContentHash.OfFile(resumed));
        }
    }

    [Theory]
    [MemberData(nameof(TinyModels.Encoders), MemberType = typeof(TinyModels))]
    public void Run_LearnsTheTaskWithEveryFamily_AndLeavesAClassifierOfIt(string family)
    {
        using var task = new TinyTask(family);
        var losses = new List<double>();

        var result = task.Train("run", task.Config with { Epochs = 6 }, new TrainingHooks { Stepped = s => losses.Add(s.Loss) });

        Assert.Equal(TrainingEnd.Completed, result.End);
        Assert.True(losses.TakeLast(5).Average() < losses.Take(5).Average() / 2, $"{losses[0]} to {losses[^1]}");
        var info = ModelFolder.Inspect(task.Folders("run").Result);
        Assert.Equal((family, "sequence_classification"), (info.Architecture, info.Heads.Single()));
    }

    [Theory]
    [InlineData("fp32", "all")]
    [InlineData("bf16", "all")]
    [InlineData("fp32", "last_layers")]
    public void Run_HoldsNoMoreTensorsAfterManySteps_ThanAfterAFew(string precision, string trainable)
    {
        using var task = new TinyTask();
        var live = new List<long>();

        task.Train(
            "run",
            task.Config with { Precision = precision, Trainable = trainable, LastLayers = 1, EvalSteps = 1000 },
            new TrainingHooks { Stepped = _ => live.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount) });

        Assert.True(live.Count > 20);
        Assert.Equal(live[2], live[^1]);
    }

    [Fact]
    public void Run_LearnsTheTask_AndLeavesTheBestWeights()
    {
        using var task = new TinyTask();
        var losses = new List<double>();

        var result = task.Train("run", task.Config with { Epochs = 12 }, new TrainingHooks { Stepped = s => losses.Add(s.Loss) });

        Assert.Equal(TrainingEnd.Completed, result.End);
        Assert.Equal(132, losses.Count);
        Assert.True(losses[^1] < 0.2, $"loss {losses[^1]}");
        Assert.True(result.Best!.Accuracy > 0.9, $"accuracy {result.Best.Accuracy}");
        Assert.Equal(result.Best.Accuracy, result.Best.Confusion[0][0] / 40.0 + result.Best.Confusion[1][1] / 40.0, 1e-9);
        Assert.Equal(["no", "yes"], ModelFolder.Inspect(task.Folders("run").Result).Labels);
    }

    [Theory]
    [InlineData("fp32", "all")]
    [InlineData("bf16", "all")]
    [InlineData("fp32", "head")]
    public void Run_FastPath_FollowsThePlainPath(string precision, string trainable)
    {
        using var task = new TinyTask(dropout: 0);
        var curves = new Dictionary<bool, List<StepReport>>();

        foreach (var plain in (bool[])[true, false])
        {
            var steps = curves[plain] = [];
            task.Train(plain ? "plain" : "fast", task.Config with { Precision = precision, Trainable = trainable, LearningRate = 1e-3, WeightDecay = 0.1 }, new TrainingHooks { Stepped = steps.Add }, plain: plain);
        }

        var tolerance = precision == "fp32" ? 1e-4 : 0.02;
        foreach (var (plain, fast) in curves[true].Zip(curves[false]))
        {
            Assert.Equal(plain.Loss, fast.Loss, tolerance);
            Assert.Equal(plain.GradientNorm, fast.GradientNorm, tolerance * (1 + plain.GradientNorm));
        }
    }

    [Fact]
    public void Run_StopsEarly_AndKeepsTheBestAndTheNewestCheckpoints()
    {
        using var task = new TinyTask();
        var saved = new List<CheckpointReport>();
        // Nothing is learned at this rate, so the first evaluation stays the best.
        var config = task.Config with { Epochs = 10, LearningRate = 1e-12, EvalSteps = 5, EarlyStoppingPatience = 4, KeepCheckpoints = 2 };

        var result = task.Train("run", config, new TrainingHooks { Saved = saved.Add });

        Assert.Equal(TrainingEnd.EarlyStopped, result.End);
        Assert.Equal(5, result.BestStep);
        Assert.Equal(25, result.Step);
        Assert.Equal(["step-000005", "step-000020", "step-000025"], Directory.EnumerateDirectories(task.Folders("run").Checkpoints).Select(Path.GetFileName).Order());
        Assert.Equal(2, saved.Sum(s => s.Deleted.Count));
    }

    [Fact]
    public void Run_SaysAtWhichStep_WhenTheLossIsNotANumber()
    {
        using var task = new TinyTask();

        var refusal = Assert.Throws<InputException>(() => task.Train("run", task.Config with { LearningRate = 1e25, WarmupRatio = 0 }));

        Assert.Equal("training.not_finite", refusal.Code);
        Assert.Contains("step ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Cancelled_LeavesNoModel()
    {
        using var task = new TinyTask();
        var steps = 0;

        var result = task.Train("run", task.Config, new TrainingHooks { Stepped = _ => steps++, Orders = () => new TrainingOrders { Cancel = steps == 3 } });

        Assert.Equal(TrainingEnd.Cancelled, result.End);
        Assert.Equal(3, steps);
        Assert.False(Directory.Exists(task.Folders("run").Result));
    }

    [Fact]
    public void Run_ObeysANewLearningRate_AndSavesOnRequest()
    {
        using var task = new TinyTask();
        var rates = new List<double>();
        var saved = new List<long>();

        task.Train("run", task.Config with { LrScheduler = "constant", WarmupRatio = 0, EvalSteps = 1000 }, new TrainingHooks
        {
            Stepped = s => rates.Add(s.LearningRate),
            Saved = c => saved.Add(c.Step),
            Orders = () => rates.Count == 4 ? new TrainingOrders { LearningRate = 1e-4, CheckpointNow = true } : new TrainingOrders(),
        });

        Assert.Equal(3e-3, rates[3]);
        Assert.Equal(1e-4, rates[4]);
        Assert.Equal(1e-4, rates[^1]);
        Assert.Equal([5, 33], saved);
    }
}
