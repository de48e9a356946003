using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Web.Runs.Form;

/// <summary>
/// What the training process will need in memory, by counting: weights (4 bytes each), gradient and two moments of AdamW for each weight
/// that learns (12 bytes), and what a batch leaves for the backward pass. The last is, for each layer that learns, 66·B·T·C bytes and
/// 9·B·H·T² for attention (batch B, tokens T, width C, heads H): the 34·B·T·C and 5·B·H·T² of Korthikanti et al. 2022 (arXiv 2205.05198,
/// section 4.1) with 32-bit numbers and one-byte masks. Layers below keep one layer's worth. The program itself, torch and the
/// allocator's slack take <see cref="Program"/>: measured with MiniLM-L6, where counted and measured differ by a fifth at most.
/// </summary>
public static class MemoryEstimate
{
    /// <summary>Bytes that are there before a weight is loaded.</summary>
    public const long Program = 320L << 20;

    private const int BytesOfWeight = 4;
    private const int BytesOfLearning = 12;

    /// <param name="longest">Tokens of the longest row; longer ones are cut.</param>
    public static long Bytes(RunConfig config, ModelInfo model, RunEstimate estimate, int longest)
    {
        long tokens = Math.Min(longest, config.MaxLength);
        var learning = config.Trainable switch
        {
            "head" => 0,
            "last_layers" => Math.Min(config.LastLayers, model.Layers),
            _ => model.Layers,
        };
        var training = Activations(model, config.BatchSize, tokens) * Math.Max(1, learning);
        var evaluating = Activations(model, config.EvalBatchSize, tokens);   // one layer after the other, nothing kept
        return Program + (BytesOfWeight * estimate.Parameters) + (BytesOfLearning * estimate.Trainable) + Math.Max(training, evaluating);
    }

    private static long Activations(ModelInfo model, long rows, long tokens) =>
        (66 * rows * tokens * model.HiddenSize) + (9 * rows * model.AttentionHeads * tokens * tokens);
}
