using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Models;

/// <summary>Identities of single layers.</summary>
public sealed class LayerTests
{
    private const float Tolerance = 1e-5f;

    /// <summary>At which distance each next bucket begins, worked out by hand from the formula.</summary>
    [Fact]
    public void Bucket_BeginsWhereTheFormulaSays()
    {
        long[] encoder = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91];
        long[] decoder = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113];

        for (var distance = 0L; distance < 300; distance++)
        {
            var near = Array.FindLastIndex(encoder, d => d <= distance);
            Assert.Equal(near, RelativePositions.Bucket(-distance, bidirectional: true, 32, 128));
            Assert.Equal(distance == 0 ? 0 : near + 16, RelativePositions.Bucket(distance, bidirectional: true, 32, 128));
            Assert.Equal(Array.FindLastIndex(decoder, d => d <= distance), RelativePositions.Bucket(-distance, bidirectional: false, 32, 128));
            Assert.Equal(0, RelativePositions.Bucket(distance, bidirectional: false, 32, 128));
        }
    }

    [Fact]
    public void Packed_GivesWhatTheDocumentsGiveAlone()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(4);
        var (q, k, v) = (randn(1, 4, 7, 6), randn(1, 2, 7, 6), randn(1, 2, 7, 6));
        foreach (var causal in (bool[])[true, false])
        {
            var packed = Attention.Apply(q, k, v, AttentionMask.Packed(TinyModels.Padded(0, [1, 1, 1, 2, 2, 2, 2]), causal, ScalarType.Float32), 0);

            foreach (var (first, count) in ((long, long)[])[(0, 3), (3, 4)])
            {
                var mask = causal ? AttentionMask.Causal(null, count, CPU, ScalarType.Float32) : AttentionMask.None;
                var alone = Attention.Apply(q.narrow(2, first, count), k.narrow(2, first, count), v.narrow(2, first, count), mask, 0);
                Assert.True((packed.narrow(1, first, count) - alone).abs().max().item<float>() < Tolerance);
            }
        }
    }

    [Fact]
    public void Window_ThatReachesEverywhere_HidesNothing()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(5);
        var (q, k, v) = (randn(1, 2, 5, 6), randn(1, 2, 5, 6), randn(1, 2, 5, 6));

        var all = Attention.Apply(q, k, v, AttentionMask.None, 0);

        var wide = Attention.Apply(q, k, v, AttentionMask.Window(null, 5, 4, causal: false, CPU, ScalarType.Float32), 0);
        var narrow = Attention.Apply(q, k, v, AttentionMask.Window(null, 5, 0, causal: false, CPU, ScalarType.Float32), 0);
        Assert.True((all - wide).abs().max().item<float>() < Tolerance);
        Assert.True((narrow - v.transpose(1, 2).reshape(1, 5, 12)).abs().max().item<float>() < Tolerance);
    }

    /// <summary>Turning keeps lengths, and what two places say to each other depends on their distance alone.</summary>
    [Fact]
    public void Rotation_KeepsLengths_AndSeesDistancesOnly()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(6);
        var (a, b) = (randn(1, 1, 1, 8), randn(1, 1, 1, 8));
        var rotation = new RotaryEmbedding(new RotarySettings { OriginalLength = 64 }, 8);

        var near = (At(a, 3) * At(b, 5)).sum().item<float>();

        Assert.Equal(near, (At(a, 40) * At(b, 42)).sum().item<float>(), 1e-4f);
        Assert.Equal(a.norm().item<float>(), At(a, 17).norm().item<float>(), 1e-5f);

        Tensor At(Tensor x, long place) => rotation.At(tensor([place]), 64, ScalarType.Float32).Turn(x);
    }

    [Fact]
    public void Frequencies_OfEachScaling_AreThoseOfItsFormula()
    {
        var plain = new RotarySettings { Theta = 100, OriginalLength = 32 };

        var unscaled = plain.Frequencies(8, 16);

        Assert.Equal([1f, (float)Math.Pow(100, -0.25), 0.1f, (float)Math.Pow(100, -0.75)], unscaled);
        Assert.Equal(unscaled.Select(f => f / 4), (plain with { Kind = "linear", Factor = 4 }).Frequencies(8, 16));
        Assert.Equal(unscaled, (plain with { Kind = "dynamic", Factor = 4 }).Frequencies(8, 32));
        Assert.True((plain with { Kind = "dynamic", Factor = 4 }).Frequencies(8, 64)[3] < unscaled[3]);
        // One turn within the original length is too slow for llama3, four are fast enough to be kept.
        var llama = (plain with { Kind = "llama3", Factor = 4, LowFrequencyFactor = 1, HighFrequencyFactor = 4 }).Frequencies(8, 16);
        Assert.Equal((unscaled[0], unscaled[3] / 4), (llama[0], llama[3]));
        var yarn = (plain with { Kind = "yarn", Factor = 4 }).Frequencies(8, 16);
        Assert.InRange(yarn[3], unscaled[3] / 4.001f, unscaled[3]);
    }

    [Fact]
    public void Embedding_LearnsNothingForPadding()
    {
        using var scope = NewDisposeScope();
        var place = Place.Root(0.5);
        var embedding = new Embedding(place.At("words"), 5, 3, "vocab_size", paddingRow: 1);
        using var table = embedding.Weight;
        table.Allocate();
        using (no_grad())
        {
            table.Initial.Fill(table.Value);
        }

        table.Learns = true;
        embedding.Forward(tensor([0L, 1L, 1L, 4L])).sum().backward();

        Assert.Equal([0f, 0f, 0f], table.Value[1].data<float>().ToArray());
        Assert.Equal([1f, 0f, 0f, 0f, 1f], table.Value.grad!.select(1, 0).contiguous().data<float>().ToArray());
    }
}
