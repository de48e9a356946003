using System.Diagnostics;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Worker;

/// <summary><c>worker bench train|generate|tokenize|gemm</c>: one piece of work, one JSON line with the keys of the Python reference's <c>bench.py</c>.</summary>
internal static class BenchCommand
{
    private const int GemmSize = 2048;

    public static Task<int> RunCommand(string[] arguments)
    {
        switch (arguments)
        {
            case ["train", .. var rest]:
                BenchTrain.Run(rest);
                return Task.FromResult(0);
            case ["generate", .. var rest]:
                BenchGenerate.Run(rest);
                return Task.FromResult(0);
            case ["tokenize", .. var rest]:
                BenchTokenize.Run(rest);
                return Task.FromResult(0);
            case ["gemm", .. var rest]:
                Gemm(new CommandLine("bench gemm", rest, ["threads", "device"], ["bf16"]));
                return Task.FromResult(0);
            default:
                throw new InputException("Say what to measure: worker bench train, worker bench generate, worker bench tokenize or worker bench gemm.", "worker.usage");
        }
    }

    /// <summary>The machine's own peak in matrix products, for a share of it.</summary>
    private static void Gemm(CommandLine line)
    {
        TorchThreads.Set(line.Integer("threads", 0));
        var device = ComputeDevice.Resolve(line.Text("device") ?? ComputeDevice.Cpu);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var type = line.Has("bf16") ? ScalarType.BFloat16 : ScalarType.Float32;
        var (left, right) = (Random(), Random());
        var best = double.MaxValue;
        for (var i = 0; i < 8; i++)
        {
            var began = Stopwatch.GetTimestamp();
            using var product = left.matmul(right);
            ComputeDevice.Wait(device);
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        Output.Json(new { What = "gemm", Device = device, Bf16 = line.Has("bf16"), Gflops = Math.Round(2 * Math.Pow(GemmSize, 3) / best / 1e9, 1), Threads = get_num_threads() });

        Tensor Random() => randn(GemmSize, GemmSize).to(type, ComputeDevice.ToTorch(device));
    }
}
