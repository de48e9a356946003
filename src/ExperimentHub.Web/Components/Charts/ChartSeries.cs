namespace ExperimentHub.Web.Components.Charts;

/// <summary>One curve of a <see cref="Chart"/>: a metric of a run.</summary>
/// <param name="Run">The run's id.</param>
/// <param name="Key">The metric (<c>train_loss</c>).</param>
/// <param name="Name">What the hover list calls it.</param>
/// <param name="Color">The run's colour, from 1.</param>
public sealed record ChartSeries(int Run, string Key, string Name, int Color)
{
    /// <summary>Each point drawn as a dot on a line: values that come rarely, such as evaluations.</summary>
    public bool Marks { get; init; }

    /// <summary>True when the smoothing slider applies.</summary>
    public bool Smooth { get; init; } = true;

    /// <summary>Drawn dashed whatever its colour: a baseline.</summary>
    public bool Dashed { get; init; }
}
