using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Models;

public sealed class MaskDropoutTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Mask_ZeroesTheShareAsked_AndKeepsTheMean(ScalarType type)
    {
        using var scope = NewDisposeScope();

        var mask = new MaskDropout(seed: 5).Mask([37, 1001], type, 0.1).to(ScalarType.Float32);

        // Standard deviation of the share: √(0.1 · 0.9 / 37037) = 0.0016.
        Assert.Equal(0.1, (mask == 0).to(ScalarType.Float32).mean().item<float>(), 0.006);
        Assert.Equal(1.0, mask.mean().item<float>(), 0.008);
        Assert.Equal(2, mask.unique().output.NumberOfElements);
    }

    [Fact]
    public void Mask_IsAFunctionOfSeedAndCounter()
    {
        using var scope = NewDisposeScope();
        var source = new MaskDropout(seed: 5);
        var first = source.Mask([100], ScalarType.Float32, 0.5);
        var counter = source.Counter;
        var second = source.Mask([100], ScalarType.Float32, 0.5);

        var again = new MaskDropout(seed: 5) { Counter = counter }.Mask([100], ScalarType.Float32, 0.5);
        var other = new MaskDropout(seed: 6) { Counter = counter }.Mask([100], ScalarType.Float32, 0.5);

        Assert.True(second.equal(again).all().item<bool>());
        Assert.False(second.equal(first).all().item<bool>());
        Assert.False(second.equal(other).all().item<bool>());
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(3, 17)]
    public void Mask_NeighboursAreIndependent(int rows, int distance)
    {
        using var scope = NewDisposeScope();
        var mask = (new MaskDropout(seed: 1).Mask([rows, 50_000], ScalarType.Float32, 0.5) > 0).to(ScalarType.Float32) - 0.5;

        var correlation = (mask.narrow(1, 0, 50_000 - distance) * mask.narrow(1, distance, 50_000 - distance)).mean().item<float>() * 4;

        Assert.Equal(0, correlation, 0.02);
    }
}
