using ExperimentHub.Engine.Training;

namespace ExperimentHub.Engine.Tests.Training;

public sealed class BatchPlanTests
{
    private static readonly int[] s_lengths = [.. Enumerable.Range(0, 1000).Select(i => 3 + (i * 7919 % 60))];

    [Fact]
    public void Epoch_HoldsEachRowOnce_InAnOrderOfItsOwn()
    {
        var first = BatchPlan.Epoch(s_lengths, 16, groupByLength: true, seed: 1, epoch: 0);
        var again = BatchPlan.Epoch(s_lengths, 16, groupByLength: true, seed: 1, epoch: 0);
        var next = BatchPlan.Epoch(s_lengths, 16, groupByLength: true, seed: 1, epoch: 1);

        Assert.Equal(Enumerable.Range(0, 1000), first.SelectMany(b => b).Order());
        Assert.Equal(first, again);
        Assert.NotEqual(first, next);
    }

    [Fact]
    public void Epoch_SavesMostPadding_WhenRowsAreGroupedByLength()
    {
        Assert.True(Padding(grouped: true) < 0.1);
        Assert.True(Padding(grouped: false) > 0.3);
    }

    private static double Padding(bool grouped)
    {
        var batches = BatchPlan.Epoch(s_lengths, 16, grouped, seed: 5, epoch: 0);
        return 1 - ((double)s_lengths.Sum() / batches.Sum(b => b.Length * b.Max(r => s_lengths[r])));
    }
}
