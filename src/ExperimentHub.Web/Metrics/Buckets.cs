namespace ExperimentHub.Web.Metrics;

/// <summary>Thins a curve for the screen without losing a spike.</summary>
internal static class Buckets
{
    /// <summary>At most <paramref name="maxPoints"/> points (at least 4): of each bucket of steps the lowest, the highest and any NaN; and the last point.</summary>
    public static IReadOnlyList<MetricPoint> Thin(IReadOnlyList<MetricPoint> points, int maxPoints)
    {
        if (points.Count <= Math.Max(maxPoints, 4))
        {
            return points;
        }

        var buckets = (Math.Max(maxPoints, 4) - 1) / 2;
        var thinned = new List<MetricPoint>((2 * buckets) + 1);
        var (first, last) = (points[0].Step, points[0].Step);
        foreach (var point in points)
        {
            (first, last) = (Math.Min(first, point.Step), Math.Max(last, point.Step));
        }

        var width = Math.Max(1.0, ((double)last - first + 1) / buckets);
        for (var start = 0; start < points.Count;)
        {
            var bucket = (long)((points[start].Step - first) / width);
            var (low, high, end) = (start, start, start + 1);
            while (end < points.Count && (long)((points[end].Step - first) / width) == bucket)
            {
                low = Below(points[end].Value, points[low].Value) ? end : low;
                high = Below(points[high].Value, points[end].Value) ? end : high;
                end++;
            }

            thinned.Add(points[Math.Min(low, high)]);
            if (low != high)
            {
                thinned.Add(points[Math.Max(low, high)]);
            }

            start = end;
        }

        if (thinned[^1] != points[^1])
        {
            thinned.Add(points[^1]);
        }

        return thinned;
    }

    /// <summary>NaN counts as neither low nor high, unless nothing else is there.</summary>
    private static bool Below(double a, double b) => a < b || (double.IsNaN(b) && !double.IsNaN(a));
}
