using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>Where a model computes, by the names of run.json. What is decided stays with the run, as results depend on it.</summary>
public static class ComputeDevice
{
    /// <summary>The GPU where libtorch sees one, else the processor.</summary>
    public const string Auto = "auto";

    public const string Cpu = "cpu";

    /// <summary>The first NVIDIA GPU that this process may see.</summary>
    public const string Cuda = "cuda";

    /// <summary><see cref="Cpu"/> or <see cref="Cuda"/>.</summary>
    /// <exception cref="InputException">The name is another one, or asks for a GPU that libtorch does not see.</exception>
    public static string Resolve(string wanted) => wanted switch
    {
        Cpu => Cpu,
        Auto => cuda.is_available() ? Cuda : Cpu,
        Cuda when cuda.is_available() => Cuda,
        Cuda => throw new InputException(
            "The device cuda is asked for, but this worker's libtorch sees no NVIDIA GPU; build it with -p:TorchDevice=cuda on a machine whose nvidia-smi lists one, or use the device cpu.",
            "run.device_cuda"),
        _ => throw new InputException($"There is no device {InputException.Quote(wanted)}; use auto, cpu or cuda.", "run.device", InputException.Quote(wanted)),
    };

    /// <summary>Torch's object for a name that <see cref="Resolve"/> gave.</summary>
    public static Device ToTorch(string device) => device == Cuda ? CUDA : CPU;

    /// <summary>Waits until the device has done what it was told, for a measurement.</summary>
    public static void Wait(string device)
    {
        if (device == Cuda)
        {
            cuda.synchronize();
        }
    }
}
