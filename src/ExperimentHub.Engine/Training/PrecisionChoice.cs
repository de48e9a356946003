using System.Diagnostics;
using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Training;

/// <summary>What <c>auto</c> comes to on this machine: measured, since a processor may know bfloat16 without being faster with it.</summary>
public static class PrecisionChoice
{
    private const int Tokens = 512;
    private const int FewTokens = 16;
    private const int Rounds = 5;

    /// <summary>bfloat16 must win the large products by this much, as the rest of a step gains less.</summary>
    private const double WorthIt = 1.3;

    /// <summary>A processor without instructions for bfloat16 can be a hundred times slower with it: a few tokens tell, before many are tried.</summary>
    private const double Hopeless = 2;

    public static string Resolve(string precision, BertConfig config) =>
        precision != "auto" ? precision
        : Seconds(config, ScalarType.BFloat16, FewTokens) < Hopeless * Seconds(config, ScalarType.Float32, FewTokens)
          && Seconds(config, ScalarType.Float32, Tokens) > WorthIt * Seconds(config, ScalarType.BFloat16, Tokens) ? "bf16" : "fp32";

    /// <summary>The fastest of a few runs of the largest product of a layer, forward and backward, over so many tokens.</summary>
    private static double Seconds(BertConfig config, ScalarType type, int tokens)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var input = ones(tokens, config.HiddenSize, dtype: type);
        var weight = ones(config.IntermediateSize, config.HiddenSize, dtype: type);
        var best = double.MaxValue;
        for (var i = 0; i <= Rounds; i++)
        {
            using var round = NewDisposeScope();
            var began = Stopwatch.GetTimestamp();
            var output = nn.functional.linear(input, weight);
            _ = output.matmul(weight);
            _ = output.t().matmul(input);
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        return best;
    }
}
