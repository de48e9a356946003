using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Training;

/// <summary>The device of a run. What needs a GPU is skipped without one; <c>docs/speed.md</c> says where it was run.</summary>
public sealed class ComputeDeviceTests
{
    [Fact]
    public void Resolve_TakesTheProcessor_WhereThereIsNoGpu()
    {
        Assert.SkipWhen(cuda.is_available(), "This machine has a GPU.");

        Assert.Equal(ComputeDevice.Cpu, ComputeDevice.Resolve(ComputeDevice.Auto));
        Assert.Equal("run.device_cuda", Assert.Throws<InputException>(() => ComputeDevice.Resolve(ComputeDevice.Cuda)).Code);
    }

    [Fact]
    public void Resolve_RefusesANameThatIsNone() =>
        Assert.Contains("tpu", Assert.Throws<InputException>(() => ComputeDevice.Resolve("tpu")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("all")]
    [InlineData("head")]
    public void Training_OnAGpu_TakesTheStepsOfTheProcessor(string trainable)
    {
        Assert.SkipUnless(cuda.is_available(), "This machine has no NVIDIA GPU, or libtorch for the CPU only.");
        using var task = new TinyTask(dropout: 0);
        var config = task.Config with { Trainable = trainable, Epochs = 1 };

        var (onProcessor, onGpu) = (Losses("cpu", ComputeDevice.Cpu), Losses("cuda", ComputeDevice.Cuda));

        Assert.Equal(onProcessor.Count, onGpu.Count);
        Assert.All(onProcessor.Zip(onGpu), pair => Assert.Equal(pair.First, pair.Second, 1e-4));

        List<double> Losses(string name, string device)
        {
            var losses = new List<double>();
            task.Train(name, config, new TrainingHooks { Stepped = step => losses.Add(step.Loss) }, device: device);
            return losses;
        }
    }

    [Fact]
    public void PaddedBatch_StaysAsItIs_OnTheProcessor()
    {
        using var batch = TinyTask.Rows(4, seed: 1).Batch([0, 1, 2, 3], padTokenId: 0);

        Assert.Same(batch, batch.On(CPU, padTokenId: 0));
    }
}
