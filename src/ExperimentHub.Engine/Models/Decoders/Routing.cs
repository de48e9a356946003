using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>Which experts a layer sent its tokens to. N tokens (padding too), E experts, k of them a token.</summary>
/// <param name="Logits">(N, E) in 32 bits.</param>
/// <param name="Weights">(N, k): what each chosen expert's answer counts.</param>
/// <param name="Experts">(N, k) int64.</param>
internal sealed record Routing(Tensor Logits, Tensor Weights, Tensor Experts)
{
    /// <summary>
    /// How unevenly all layers use their experts (Fedus et al. 2022, equations 4 to 6): E · Σ share of tokens · mean probability, over the
    /// real tokens of <paramref name="mask"/> (B, T) or all; k where all are used alike. With a gradient.
    /// </summary>
    public static Tensor BalanceLoss(IReadOnlyList<Routing> layers, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var experts = layers[0].Logits.shape[1];
        var (used, probability) = (zeros(experts), zeros(experts));
        var tokens = 0.0;
        foreach (var layer in layers)
        {
            var probabilities = nn.functional.softmax(layer.Logits, -1);
            var real = mask?.reshape(-1, 1).to(ScalarType.Float32) ?? ones(probabilities.shape[0], 1);
            var chosen = nn.functional.one_hot(probabilities.topk((int)layer.Experts.shape[1], -1).indexes, experts).sum(1);     // (N, E)
            used += (chosen * real).sum(dim: 0);
            probability += (probabilities * real).sum(dim: 0);
            tokens += real.sum().item<float>();
        }

        return ((used / tokens * (probability / tokens)).sum() * experts).MoveToOuterDisposeScope();
    }
}
