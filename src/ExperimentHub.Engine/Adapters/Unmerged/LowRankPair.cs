using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters.Unmerged;

/// <summary>LoRA's pair for a module (Hu et al. 2021): s · B · A is added to its matrix (outputs, inputs), which is never built.</summary>
/// <param name="first">The first of the module's outputs in the product that it is part of.</param>
/// <param name="outputs">How many it has.</param>
/// <param name="down">A (r, inputs)</param>
/// <param name="up">B (outputs, r)</param>
/// <param name="magnitude">DoRA's lengths (outputs); null: plain LoRA.</param>
/// <param name="scale">s</param>
internal sealed class LowRankPair(long first, long outputs, Weight down, Weight up, Weight? magnitude, double scale) : AdaptedPart(first, outputs), IDisposable
{
    private Tensor? _squares;

    public Tensor Down => down.Value;

    /// <summary>(outputs, r): s · B.</summary>
    public Tensor ScaledUp => up.Value * scale;

    public long Rank => down.Rows;

    public bool IsDecomposed => magnitude is not null;

    /// <summary>
    /// (outputs): m / ‖W + s·B·A‖ (Liu et al. 2024). The length is a constant of the gradient, as section 4.3 of the paper proposes and PEFT does
    /// it; it comes from ‖W‖² + 2s·(W·Aᵀ)∘B + s²·(B·A·Aᵀ)∘B, which takes two thin products and no matrix of the size of W.
    /// </summary>
    /// <param name="matrix">W (outputs, inputs), which stays as it is while the pair is there.</param>
    public Tensor Gain(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        return (magnitude!.Value / Lengths(matrix.detach())).MoveToOuterDisposeScope();
    }

    public void Dispose() => _squares?.Dispose();

    private Tensor Lengths(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (wide, a, b) = (matrix.to(ScalarType.Float32), down.Value, up.Value);
        _squares ??= wide.square().sum(1).DetachFromDisposeScope();
        var mixed = (wide.matmul(a.t()) * b).sum(1);
        var own = (b.matmul(a.matmul(a.t())) * b).sum(1);
        return (_squares + (mixed * (2 * scale)) + (own * (scale * scale))).sqrt().MoveToOuterDisposeScope();
    }
}
