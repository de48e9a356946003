using ExperimentHub.Web.Metrics;

namespace ExperimentHub.Web.Runs.Pages;

/// <summary>One sentence by rules about how a run is going: a key of <see cref="RunText"/> with its arguments. No model is asked.</summary>
/// <param name="Key">Resource <c>Health_{Key}</c>.</param>
/// <param name="Values">What the sentence names: a metric, a value, a step.</param>
/// <param name="IsWarning">It is worth a look.</param>
public sealed record RunHealth(string Key, IReadOnlyList<object> Values, bool IsWarning = false)
{
    private const int Patience = 3;

    /// <param name="train">The training loss.</param>
    /// <param name="evalLoss">The loss of the validation rows, one point an evaluation.</param>
    /// <param name="metric">The metric that decides which checkpoint is best, one point an evaluation.</param>
    /// <param name="higherIsBetter">Of <paramref name="metric"/>.</param>
    public static RunHealth Judge(IReadOnlyList<MetricPoint> train, IReadOnlyList<MetricPoint> evalLoss, IReadOnlyList<MetricPoint> metric, bool higherIsBetter)
    {
        if (train.Count == 0)
        {
            return new RunHealth("Waiting", []);
        }

        if (train.FirstOrDefault(p => !double.IsFinite(p.Value)) is { Value: not 0 } broken)
        {
            return new RunHealth("NotFinite", [broken.Step], IsWarning: true);
        }

        if (Diverges(train))
        {
            return new RunHealth("Diverging", [train[^1].Step], IsWarning: true);
        }

        if (metric.Count < 2)
        {
            return new RunHealth(metric.Count == 0 ? "NoEvaluation" : "OneEvaluation", []);
        }

        var best = Enumerable.Range(0, metric.Count).Aggregate((a, b) => Better(metric[b].Value, metric[a].Value, higherIsBetter) ? b : a);
        var since = metric.Count - 1 - best;
        var lowest = evalLoss.Count == 0 ? 0 : Enumerable.Range(0, evalLoss.Count).MinBy(i => evalLoss[i].Value);
        if (evalLoss.Count - 1 - lowest >= 2 && Falls(train))
        {
            return new RunHealth(since >= 2 ? "Overfitting" : "LossRises", [evalLoss[lowest].Step, metric[best].Step], IsWarning: since >= 2);
        }

        return since >= Patience
            ? new RunHealth("Plateau", [metric[best].Step], IsWarning: true)
            : since == 0 ? new RunHealth("Improving", []) : new RunHealth("Steady", [metric[best].Step]);
    }

    private static bool Better(double a, double b, bool higherIsBetter) => higherIsBetter ? a > b : a < b;

    /// <summary>The last tenth lies well above the lowest tenth and above where it began.</summary>
    private static bool Diverges(IReadOnlyList<MetricPoint> train)
    {
        if (train.Count < 20)
        {
            return false;
        }

        var tenth = train.Count / 10;
        var means = Enumerable.Range(0, 10).Select(i => train.Skip(i * tenth).Take(tenth).Average(p => p.Value)).ToList();
        return means[^1] > 1.5 * means.Min() && means[^1] > 1.1 * means[0];
    }

    private static bool Falls(IReadOnlyList<MetricPoint> train)
    {
        var third = Math.Max(1, train.Count / 3);
        return train.TakeLast(third).Average(p => p.Value) < train.Take(third).Average(p => p.Value);
    }
}
