using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests;

public sealed class TorchLoadsTests
{
    [Fact]
    public void Matmul_RunsInThisProcess()
    {
        using var product = ones(2, 3).matmul(ones(3, 2));

        Assert.Equal(12, product.sum().item<float>());
    }
}
