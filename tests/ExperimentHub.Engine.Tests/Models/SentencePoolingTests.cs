using ExperimentHub.Engine.Models.Sentences;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Models;

public sealed class SentencePoolingTests
{
    [Theory]
    [InlineData("cls", 1f, 2f)]
    [InlineData("mean", 2f, 5f)]
    [InlineData("max", 3f, 8f)]
    [InlineData("mean_sqrt_len_tokens", 2.828427f, 7.071068f)]
    [InlineData("weightedmean", 2.333333f, 6f)]
    [InlineData("lasttoken", 3f, 8f)]
    public void Pool_LeavesPaddingOut(string mode, float first, float second)
    {
        using var scope = NewDisposeScope();
        var hidden = tensor([1f, 2f, 3f, 8f, 100f, 200f]).view(1, 3, 2);

        var pooled = new SentencePooling([mode]).Pool(hidden, TinyModels.Padded(0, [1, 1, 0])).data<float>().ToArray();

        Assert.Equal(first, pooled[0], 1e-5f);
        Assert.Equal(second, pooled[1], 1e-5f);
    }
}
