namespace ExperimentHub.Web.Components.Controls;

/// <summary>What the pages know of a metric by its key: how it is written and which direction is better.</summary>
public static class Metric
{
    private static readonly string[] s_shares = ["accuracy", "f1", "precision", "recall"];
    private static readonly string[] s_lower = ["loss", "error", "perplexity", "milliseconds", "seconds"];

    /// <summary>True for a share between 0 and 1, which is written with 4 decimals.</summary>
    public static bool IsShare(string key) => s_shares.Any(s => key.EndsWith(s, StringComparison.Ordinal));

    /// <summary>Null when neither direction is better (a learning rate).</summary>
    public static bool? HigherIsBetter(string key) =>
        IsShare(key) || key.EndsWith("per_second", StringComparison.Ordinal) ? true
        : s_lower.Any(s => key.EndsWith(s, StringComparison.Ordinal)) ? false
        : null;

    public static string Text(string key, double value) => IsShare(key) ? Numbers.Ratio(value) : Numbers.Significant(value);
}
