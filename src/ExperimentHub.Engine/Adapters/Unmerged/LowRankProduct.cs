using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters.Unmerged;

/// <summary>
/// A product with LoRA or DoRA beside it: two thin products more for the whole matrix, however many of its modules have a pair. Nothing is
/// computed for the gradient of the matrix.
/// </summary>
/// <remarks>N tokens, R the ranks of all pairs together.</remarks>
internal sealed class LowRankProduct(IReadOnlyList<LowRankPair> pairs, AdapterDropout dropout) : ProductAdapter
{
    public override Tensor Of(WeightProduct product, Tensor x)
    {
        var plain = product.Plain(x);
        var input = x.to(ScalarType.Float32);
        // With dropout each module reads its own numbers, else one product serves them all.
        var dropped = dropout.IsOn ? pairs.Select(_ => dropout.Apply(input)).ToList() : null;
        var low = dropped is null ? input.matmul(Together(pairs.Select(p => p.Down), 0).t()) : Together(pairs.Zip(dropped, (p, own) => own.matmul(p.Down.t())), 1);   // (N, R)
        var up = Up(product.Outputs);
        var sum = plain.to(ScalarType.Float32);
        if (pairs[0].IsDecomposed)
        {
            var gains = Gains(product);
            up *= gains.unsqueeze(1);
            sum = dropped is null ? Stretch(sum, gains, product.Bias) : sum + Stretched(product, dropped, x.dtype);
        }

        // The sum is a tensor of this call and no gradient needs what it was, so the second product adds to it in place.
        return sum.addmm_(low, up.t()).to(plain.dtype);
    }

    /// <summary>g ∘ (y − b) + b: the bias has no part in DoRA's length.</summary>
    private static Tensor Stretch(Tensor plain, Tensor gains, Tensor? bias) => bias is null ? plain * gains : (plain * gains) + ((1 - gains) * bias);

    /// <summary>(N, outputs): what DoRA adds to the plain product in training, (g − 1) ∘ W · drop(x) (PEFT's <c>DoraLinearVariant</c>).</summary>
    private Tensor Stretched(WeightProduct product, List<Tensor> dropped, ScalarType type)
    {
        var inputs = pairs.Zip(dropped).ToDictionary(p => p.First, p => p.Second);
        return AdaptedPart.Join(
            pairs, product.Outputs,
            p => (p.Gain(product.Matrix.narrow(0, p.First, p.Outputs)) - 1) * product.Plain(inputs[p].to(type), p.First, p.Outputs, withBias: false),
            (_, count) => zeros([dropped[0].shape[0], count], device: dropped[0].device),
            dimension: 1);
    }

    private Tensor Gains(WeightProduct product) => AdaptedPart.Join(
        pairs, product.Outputs, p => p.Gain(product.Matrix.narrow(0, p.First, p.Outputs)), (_, count) => ones([count], device: pairs[0].Down.device));

    /// <summary>(outputs, R): each module's outputs have numbers in the columns of its own pair alone.</summary>
    private Tensor Up(long outputs)
    {
        var ranks = pairs.Sum(p => p.Rank);
        var column = 0L;
        return AdaptedPart.Join(pairs, outputs, Block, (_, count) => zeros([count, ranks], device: pairs[0].Down.device));

        Tensor Block(LowRankPair pair)
        {
            var (before, own) = (column, pair.ScaledUp);
            column += pair.Rank;
            return pairs.Count == 1 ? own : nn.functional.pad(own, [before, ranks - column]);
        }
    }

    private static Tensor Together(IEnumerable<Tensor> tensors, long dimension) => tensors.ToList() is var list && list.Count == 1 ? list[0] : cat(list, dimension);
}
