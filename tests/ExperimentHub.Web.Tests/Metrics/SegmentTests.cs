using ExperimentHub.Web.Metrics;

namespace ExperimentHub.Web.Tests.Metrics;

public sealed class SegmentTests
{
    [Fact]
    public void Decode_GivesBackWhatWasEncoded_WithEveryOddValue()
    {
        MetricPoint[] points =
        [
            new(0, 1.5, 1_700_000_000_000, 0.25, 12),
            new(-3, double.NaN, 0),
            new(long.MaxValue, double.PositiveInfinity, long.MinValue, double.NaN, 0),
            new(long.MinValue, -0.0, 5, 1e-300, long.MaxValue),
        ];

        var decoded = new MetricPoint[points.Length];
        Segment.Decode(Segment.Encode(points), decoded);

        Assert.Equal(points, decoded);
    }

    [Fact]
    public void Thin_KeepsEverySpike_AndTheLastPoint()
    {
        var random = new Random(7);
        var points = Enumerable.Range(0, 50_000).Select(i => new MetricPoint(i, random.NextDouble(), i)).ToList();
        points[31_234] = points[31_234] with { Value = 99 };
        points[777] = points[777] with { Value = -99 };

        var thinned = Buckets.Thin(points, 1000);

        Assert.InRange(thinned.Count, 900, 1000);
        Assert.Contains(points[31_234], thinned);
        Assert.Contains(points[777], thinned);
        Assert.Equal(points[^1], thinned[^1]);
        Assert.Equal(thinned.OrderBy(p => p.Step), thinned);
    }
}
