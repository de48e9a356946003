using System.Globalization;

namespace ExperimentHub.Benchmarks;

/// <summary>Durations in milliseconds, and what to say of them.</summary>
internal sealed class Figures
{
    private readonly List<double> _values = [];

    public void Add(TimeSpan time)
    {
        lock (_values)
        {
            _values.Add(time.TotalMilliseconds);
        }
    }

    public override string ToString()
    {
        lock (_values)
        {
            var sorted = _values.Order().ToList();
            return sorted.Count == 0
                ? "nothing measured"
                : string.Create(CultureInfo.InvariantCulture, $"median {At(sorted, 0.5):0.0} ms, p95 {At(sorted, 0.95):0.0} ms, worst {sorted[^1]:0.0} ms of {sorted.Count}");
        }
    }

    private static double At(List<double> sorted, double share) => sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * share)];
}
