using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Training;

/// <summary>Packed rows in pieces give the steps that padded rows give under torch's autograd alone, which <see cref="TrajectoryParityTests"/> ties to the reference.</summary>
public sealed class LayeredPassTests
{
    private static readonly int[][] s_batches = [[0, 1, 2, 3, 4], [5, 6, 7], [8, 9, 10, 11]];

    [Theory]
    [InlineData("all", "fp32", 0.0, 1)]
    [InlineData("all", "fp32", 0.1, 2)]
    [InlineData("last_layers", "fp32", 0.0, 1)]
    [InlineData("all", "bf16", 0.0, 1)]
    [InlineData("all", "fp32", 0.0, 1, "ernie")]
    [InlineData("all", "fp32", 0.0, 1, "roberta")]
    [InlineData("all", "fp32", 0.1, 2, "xlm-roberta")]
    [InlineData("all", "fp32", 0.0, 1, "electra")]
    public void Steps_AreThoseOfPaddedRows(string trainable, string precision, double smoothing, int accumulated, string? family = null)
    {
        using var task = family is null ? new TinyTask(dropout: 0) : new TinyTask(family);
        var config = new RunConfig { Trainable = trainable, LastLayers = 1, LabelSmoothing = smoothing, WeightDecay = 0.01, MaxGradNorm = 1 };
        using var padded = new ClassifierLearner(ModelLoader.LoadClassifier(task.Model, task.Labels), config, precision);
        var bert = ModelLoader.LoadClassifier(task.Model, task.Labels);
        using var packed = new ClassifierLearner(bert, config, precision);
        var rows = WithSecondSegments(TinyTask.Rows(12, seed: 5));
        var padding = bert.Config.PadTokenId;
        var tolerance = precision == "bf16" ? 2e-2 : 1e-4;

        Assert.True(packed.WantsPacked);
        for (var step = 0; step < 9; step++)
        {
            using var scope = NewDisposeScope();
            var (expected, actual) = (0f, 0f);
            for (var micro = 0; micro < accumulated; micro++)
            {
                var batch = s_batches[(step + micro) % s_batches.Length];
                expected += padded.Accumulate(rows.Batch(batch, padding), rows.LabelsOf(batch), 1.0 / accumulated);
                actual += packed.Accumulate(rows.Pack(batch, padding), rows.LabelsOf(batch), 1.0 / accumulated);
            }

            Assert.Equal(expected, actual, tolerance);
            var norm = padded.Step(3e-3);
            Assert.Equal(norm, packed.Step(3e-3), norm * 10 * tolerance);
        }
    }

    [Fact]
    public void RowWithoutTokens_IsOneOfPadding()
    {
        var rows = new ClassificationRows { Ids = [2, 7, 3], Offsets = [0, 0, 3], Labels = [0, 1] };

        using var packed = rows.Pack([0, 1], padTokenId: 9);

        Assert.Equal([9L, 2, 7, 3], packed.Ids.data<long>().ToArray());
        Assert.Equal([0L, 0, 1, 2], packed.Positions.data<long>().ToArray());
        Assert.Equal([0L, 1], packed.Starts.data<long>().ToArray());
        Assert.Equal([0, 1, 4], packed.Offsets);
    }

    private static ClassificationRows WithSecondSegments(ClassificationRows rows)
    {
        var types = new byte[rows.Ids.Length];
        for (var row = 0; row < rows.Count; row += 2)
        {
            Array.Fill(types, (byte)1, (int)rows.Offsets[row] + 2, rows.Length(row) - 2);
        }

        return rows with { TypeIds = types };
    }
}
