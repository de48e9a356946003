using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Tests.Training;

public sealed class FrozenFeaturesTests
{
    [Fact]
    public void Of_AsksTheBodyOnceAGroup_AndGivesTheRowsInTheOrderAskedFor()
    {
        var rows = TinyTask.Rows(10, seed: 1);
        var asked = new List<long>();
        using var features = new FrozenFeatures(rows, padTokenId: 0, BatchPlan.Epoch([.. Enumerable.Range(0, 10).Select(rows.Length)], 3, true, 1, 0), SumAndLength);

        float[] expected = [.. Enumerable.Range(0, 10).Select(row => (float)rows.Ids[(int)rows.Offsets[row]..(int)rows.Offsets[row + 1]].Sum())];
        foreach (var order in (int[][])[[7, 0], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], [3]])
        {
            using var values = features.Of(order);
            Assert.Equal([order.Length, 2], values.shape);
            Assert.Equal(order.Select(row => expected[row]), values.select(1, 0).data<float>().ToArray());
        }

        Assert.Equal(10, asked.Sum());
        Assert.Equal(4, asked.Count);

        Tensor SumAndLength(PaddedBatch batch)
        {
            asked.Add(batch.Rows);
            return stack([batch.Ids.sum(1), ones(batch.Rows, ScalarType.Int64)], 1).to(ScalarType.Float32);
        }
    }
}
