using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Web.Metrics;

/// <summary>Cuts what an event may carry to what is stored and shown: lengths, numbers of values, control characters, paths, outcomes that exist.</summary>
internal static class EventCleaning
{
    private const int MaxKeyLength = 250;
    private const int MaxTextLength = 16_000;
    private const int MaxValues = 1000;
    private const int MaxFacts = 100;

    private static readonly string[] s_levels = ["info", "warning", "error"];
    private static readonly string[] s_outcomes = [Outcomes.Completed, Outcomes.Stopped, Outcomes.Cancelled, Outcomes.Failed];

    /// <summary>The event as it may be stored, null if nothing of it may; <paramref name="warn"/> hears what was left out.</summary>
    public static WorkerEvent? Clean(WorkerEvent e, Action<string> warn)
    {
        switch (e)
        {
            case MetricsEvent metrics:
                return metrics with { Values = Values(metrics.Values, warn) };
            case LogEvent log:
                return log with { Level = s_levels.Contains(log.Level) ? log.Level : "info", Text = Printable(log.Text) };
            case StartedEvent started:
                return started with { Device = InputException.Quote(started.Device), Environment = Facts(started.Environment) };
            case ProgressEvent progress:
                return progress with { Stage = InputException.Quote(progress.Stage) };
            case CheckpointEvent checkpoint when StaysInside(checkpoint.Path):
                return checkpoint with { Deleted = checkpoint.Deleted?.Where(StaysInside).Take(MaxValues).ToList() };
            case EvaluationEvent report when StaysInside(report.Path):
                return report with { Split = InputException.Quote(report.Split) };
            case CheckpointEvent or EvaluationEvent:
                warn("names a file outside the run's folder and was left out");
                return null;
            case FinishedEvent finished when s_outcomes.Contains(finished.Outcome):
                return finished with
                {
                    Error = finished.Error is null ? null : InputException.Quote(finished.Error, InputException.MaxLength),
                    ErrorCode = finished.ErrorCode is null ? null : InputException.Quote(finished.ErrorCode),
                    ErrorArguments = finished.ErrorArguments?.Take(MaxFacts).Select(a => InputException.Quote(a, InputException.MaxLength)).ToList(),
                    Values = finished.Values is null ? null : Values(finished.Values, warn),
                };
            case FinishedEvent:
                warn("ends the run in a way that is not known and was left out");
                return null;
            default:
                return e;
        }
    }

    /// <summary>A relative path without a way up: safe to join to the attempt's folder, and to show.</summary>
    public static bool StaysInside(string? path) =>
        path is { Length: > 0 and < 1000 } && !Path.IsPathRooted(path) && !path.Any(char.IsControl) && !path.Split('/', '\\').Contains("..");

    private static IReadOnlyDictionary<string, double> Values(IReadOnlyDictionary<string, double> values, Action<string> warn)
    {
        if (values.Count <= MaxValues && !values.Any(v => v.Key.Length is 0 or > MaxKeyLength || v.Key.Any(char.IsControl)))
        {
            return values;
        }

        var clean = new Dictionary<string, double>();
        foreach (var (key, value) in values.Take(MaxValues))
        {
            if (key.Length is 0 or > MaxKeyLength)
            {
                warn($"has a metric whose name has {key.Length} characters; it was left out");
                continue;
            }

            clean[InputException.Quote(key, MaxKeyLength)] = value;
        }

        if (values.Count > MaxValues)
        {
            warn($"has {values.Count} metrics; those after the first {MaxValues} were left out");
        }

        return clean;
    }

    private static Dictionary<string, string>? Facts(IReadOnlyDictionary<string, string>? facts)
    {
        var clean = new Dictionary<string, string>();
        foreach (var (name, value) in facts?.Take(MaxFacts) ?? [])
        {
            clean[InputException.Quote(name)] = InputException.Quote(value, MaxKeyLength);
        }

        return facts is null ? null : clean;
    }

    /// <summary>A log keeps its lines, and nothing that a terminal would obey.</summary>
    private static string Printable(string text)
    {
        var cut = text.Length <= MaxTextLength ? text : text[..MaxTextLength];
        return cut.Any(c => char.IsControl(c) && c is not ('\n' or '\t')) ? string.Concat(cut.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? ' ' : c)) : cut;
    }
}
