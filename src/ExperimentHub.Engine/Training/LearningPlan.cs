using ExperimentHub.Engine.Models;

namespace ExperimentHub.Engine.Training;

/// <summary>
/// Which weights of a model learn, from which step on, and how fast, by their depth: the embeddings are at 0, the layers at 1 to L, what
/// follows them (pooler, head) above.
/// </summary>
internal sealed record LearningPlan(Func<Weight, long?> From, Func<Weight, double> RateFactor)
{
    /// <summary>Everything learns from the first step.</summary>
    public static LearningPlan Everything { get; } = new(_ => 0, _ => 1);

    /// <summary>
    /// Gradual unfreezing (Howard and Ruder 2018): what stands above the layers learns at once, then one more layer from the top every
    /// <paramref name="steps"/> steps, and the embeddings last.
    /// </summary>
    public static LearningPlan Gradual(int layers, long steps) => new(w => steps * Math.Max(0, layers + 1 - w.Depth), _ => 1);

    /// <summary>Each layer learns at <paramref name="factor"/> times the rate of the one above it (Howard and Ruder 2018), the top one at that of the head times it.</summary>
    public static LearningPlan LayerwiseDecay(int layers, double factor) => new(_ => 0, w => Math.Pow(factor, Math.Max(0, layers + 1 - w.Depth)));
}
