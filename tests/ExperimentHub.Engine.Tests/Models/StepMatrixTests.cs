using ExperimentHub.Engine.Generation;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.Families;
using ExperimentHub.Engine.Models.Steps;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Models;

/// <summary>Products and attention of a decoding step in sizes that all threads share, against torch's operators.</summary>
public sealed class StepMatrixTests
{
    [Theory]
    [InlineData(1, 512, 768, false, false)]
    [InlineData(3, 512, 776, false, false)]
    [InlineData(1, 515, 768, true, false)]
    [InlineData(5, 512, 776, true, false)]
    [InlineData(1, 512, 40, false, false)]
    [InlineData(2, 768, 515, false, true)]
    [InlineData(3, 768, 512, true, true)]
    public unsafe void Product_IsThatOfTorch(int rows, int outputs, int inputs, bool half, bool inputsFirst)
    {
        using var scope = NewDisposeScope();
        using var generator = random.manual_seed(5);
        var type = half ? ScalarType.BFloat16 : ScalarType.Float32;
        var weight = randn(inputsFirst ? [inputs, outputs] : [outputs, inputs], generator: generator).to(type);
        var bias = randn([outputs], generator: generator).to(type);
        var x = randn([rows, inputs], generator: generator);
        var before = randn([rows, outputs], generator: generator);
        var y = before.clone();

        Assert.True(StepMatrix.Fits(weight));
        var product = new StepMatrix(weight, bias, inputsFirst);
        for (var i = 0; i < 50; i++)   // helpers that come late or are asleep change nothing
        {
            y.copy_(before);
            product.Multiply((float*)x.Address(), (float*)y.Address(), rows, adds: true);
        }

        var wide = weight.to(ScalarType.Float64);
        var expected = x.to(ScalarType.Float64).matmul(inputsFirst ? wide : wide.t()) + bias.to(ScalarType.Float64) + before.to(ScalarType.Float64);
        Assert.InRange((expected - y).abs().max().item<double>(), 0, 1e-4);
    }

    [Fact]
    public void ManyHeadsAndTokens_GiveWhatTorchGives()
    {
        using var scope = NewDisposeScope();
        using var generator = random.manual_seed(6);
        var config = new LlamaConfig { VocabSize = 50, HiddenSize = 512, Layers = 1, Heads = 8, KeyValueHeads = 4, IntermediateSize = 256, MaxPositions = 200, TiesWordEmbeddings = true };
        using var model = (DecoderModel)ModelLoader.Create(config, ModelHead.CausalLanguageModel);
        using var fast = new DecoderDecoding(model);
        using var plain = new DecoderDecoding(model, plain: true);
        int[][] prompts = [[.. Enumerable.Range(1, 40)], [.. Enumerable.Range(5, 35)]];
        fast.Begin(prompts);
        plain.Begin(prompts);

        for (var step = 0; step < 60; step++)
        {
            int[] tokens = [1 + (step * 7 % 49), 1 + (step * 5 % 49)];
            var expected = plain.Next(tokens).ToArray();
            var actual = fast.Next(tokens).ToArray();
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
    }
}
