using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Models;

/// <summary>Attention over packed rows against torch's operators and torch's gradient, row by row.</summary>
public sealed class RowAttentionTests
{
    private const int Heads = 3;

    [Theory]
    [InlineData(8, false)]
    [InlineData(8, true)]
    [InlineData(32, false)]
    [InlineData(32, true)]
    [InlineData(64, true)]
    [InlineData(5, true)]
    [InlineData(12, false)]
    public void OutputAndGradient_AreThoseOfTorch(int headSize, bool drops)
    {
        using var scope = NewDisposeScope();
        using var generator = random.manual_seed(3);
        int[] lengths = [1, 7, 8, 13, 64, 100, 2];
        var (qkv, attention, offsets) = Make(lengths, headSize, generator);
        var outer = randn([offsets[^1], Heads * headSize], generator: generator);
        var kept = drops ? (rand([attention.ProbabilityCount], generator: generator) > 0.3).to(ScalarType.Float32) / 0.7 : null;

        var (output, probabilities) = attention.Forward(qkv, kept);
        var gradient = attention.Backward(qkv, probabilities, kept, outer);

        var leaf = qkv.detach().requires_grad_(true);
        var at = 0L;
        var expected = cat([.. lengths.Select((length, row) => Row(leaf.narrow(0, offsets[row], length), headSize, kept, ref at))]);
        autograd.backward(expected, outer);
        AssertNear(expected, output, 2e-5);
        AssertNear(leaf.grad!, gradient, 5e-5);
    }

    [Fact]
    public void BFloat16_IsRoundedOnlyAtTheEdges()
    {
        using var scope = NewDisposeScope();
        using var generator = random.manual_seed(4);
        var (qkv, attention, offsets) = Make([5, 24], 20, generator);
        var outer = randn([offsets[^1], Heads * 20], generator: generator).to(ScalarType.BFloat16);
        var half = qkv.to(ScalarType.BFloat16);

        var (output, probabilities) = attention.Forward(half, null);
        var gradient = attention.Backward(half, probabilities, null, outer);
        var (exact, exactProbabilities) = attention.Forward(half.to(ScalarType.Float32), null);
        var exactGradient = attention.Backward(half.to(ScalarType.Float32), exactProbabilities, null, outer.to(ScalarType.Float32));

        Assert.Equal(ScalarType.BFloat16, output.dtype);
        Assert.True(exact.to(ScalarType.BFloat16).equal(output).all().item<bool>());
        Assert.True(exactGradient.to(ScalarType.BFloat16).equal(gradient).all().item<bool>());
    }

    private static (Tensor Qkv, RowAttention Attention, int[] Offsets) Make(int[] lengths, int headSize, Generator generator)
    {
        var offsets = new int[lengths.Length + 1];
        for (var i = 0; i < lengths.Length; i++)
        {
            offsets[i + 1] = offsets[i] + lengths[i];
        }

        return (randn([offsets[^1], 3 * Heads * headSize], generator: generator), new RowAttention(offsets, Heads, headSize), offsets);
    }

    private static Tensor Row(Tensor qkv, int headSize, Tensor? kept, ref long at)
    {
        var length = qkv.shape[0];
        var parts = qkv.view(length, 3, Heads, headSize).permute(1, 2, 0, 3);                                // (3, H, T, D)
        var weights = (parts[0] / Math.Sqrt(headSize)).matmul(parts[1].transpose(-2, -1)).softmax(-1);       // (H, T, T)
        var filled = (length + 7) / 8 * 8;
        if (kept is not null)
        {
            weights = weights * kept.narrow(0, at, Heads * length * filled).view(Heads, length, filled).narrow(2, 0, length);
        }

        at += Heads * length * filled;
        return weights.matmul(parts[2]).transpose(0, 1).reshape(length, Heads * headSize);
    }

    private static void AssertNear(Tensor expected, Tensor actual, double tolerance) =>
        Assert.True((expected - actual).abs().max().item<float>() < tolerance, $"{(expected - actual).abs().max().item<float>()}");
}
