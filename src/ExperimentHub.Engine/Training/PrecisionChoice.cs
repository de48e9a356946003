using System.Diagnostics;
using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Training;

/// <summary>What <c>auto</c> comes to on this machine: measured, since a processor may know bfloat16 without being faster with it.</summary>
public static class PrecisionChoice
{
    private const int Tokens = 512;

    /// <summary>A GPU shows what it can do with many tokens only: with few, all it does is wait for work.</summary>
    private const int TokensOnGpu = 1 << 14;

    private const int FewTokens = 16;
    private const int Rounds = 5;

    /// <summary>bfloat16 must win the large products by this much, as the rest of a step gains less.</summary>
    private const double WorthIt = 1.3;

    /// <summary>A processor without instructions for bfloat16 can be a hundred times slower with it: a few tokens tell, before many are tried.</summary>
    private const double Hopeless = 2;

    public static string Resolve(string precision, ModelConfig config, string device = ComputeDevice.Cpu)
    {
        if (precision != "auto")
        {
            return precision;
        }

        if (device == ComputeDevice.Cpu && !BFloat16.MayHaveInstructions)
        {
            return "fp32";
        }

        var tokens = device == ComputeDevice.Cuda ? TokensOnGpu : Tokens;
        return Seconds(ScalarType.BFloat16, FewTokens) < Hopeless * Seconds(ScalarType.Float32, FewTokens)
            && Seconds(ScalarType.Float32, tokens) > WorthIt * Seconds(ScalarType.BFloat16, tokens) ? "bf16" : "fp32";

        double Seconds(ScalarType type, int count) => PrecisionChoice.Seconds(config, type, count, device);
    }

    /// <summary>The fastest of a few runs of the largest product of a layer, forward and backward, over so many tokens.</summary>
    private static double Seconds(ModelConfig config, ScalarType type, int tokens, string device)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var input = ones(tokens, config.HiddenSize, dtype: type, device: ComputeDevice.ToTorch(device));
        var weight = ones(config.IntermediateSize, config.HiddenSize, dtype: type, device: input.device);
        var best = double.MaxValue;
        for (var i = 0; i <= Rounds; i++)
        {
            using var round = NewDisposeScope();
            var began = Stopwatch.GetTimestamp();
            var output = nn.functional.linear(input, weight);
            _ = output.matmul(weight);
            _ = output.t().matmul(input);
            ComputeDevice.Wait(device);
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        return best;
    }
}
