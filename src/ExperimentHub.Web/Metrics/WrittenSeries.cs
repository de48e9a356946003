namespace ExperimentHub.Web.Metrics;

/// <summary>A series as its row in metrics.db says it, while it is written: how many points count, the last, the least and the greatest.</summary>
internal sealed class WrittenSeries
{
    public long Id { get; init; }

    public long NextNumber { get; set; }

    /// <summary>Segments since the last merge.</summary>
    public int Loose { get; set; }

    public long Count { get; set; }

    public double Last { get; set; }

    public long LastStep { get; set; }

    public long LastTime { get; set; }

    public double Min { get; set; }

    public long MinStep { get; set; }

    public double Max { get; set; }

    public long MaxStep { get; set; }

    public void Reset()
    {
        (Count, LastStep, LastTime, MinStep, MaxStep) = (0, 0, 0, 0, 0);
        (Last, Min, Max) = (double.NaN, double.NaN, double.NaN);
    }

    public void Add(in MetricPoint point)
    {
        Count++;
        (Last, LastStep, LastTime) = (point.Value, point.Step, point.Time);
        if (point.Value < Min || (double.IsNaN(Min) && !double.IsNaN(point.Value)))
        {
            (Min, MinStep) = (point.Value, point.Step);
        }

        if (point.Value > Max || (double.IsNaN(Max) && !double.IsNaN(point.Value)))
        {
            (Max, MaxStep) = (point.Value, point.Step);
        }
    }
}
