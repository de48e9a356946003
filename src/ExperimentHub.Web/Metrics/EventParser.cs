using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Web.Metrics;

/// <summary>
/// Turns the bytes of an events file into events. Nothing in the file is trusted: a line that is no event becomes a warning of the log
/// that names it, one that carries another attempt's token or an old sequence number is dropped.
/// </summary>
internal static class EventParser
{
    private const int MaxLineBytes = 1 << 20;
    private const int MaxKeyLength = 250;
    private const int MaxTextLength = 16_000;

    /// <summary>Reads the whole lines of <paramref name="bytes"/>; what follows the last line break is left for later.</summary>
    /// <param name="complete">True when the file will not grow any more: a last line without its end is then a torn one.</param>
    public static EventBatch Parse(AttemptKey attempt, string token, ReadPosition from, ReadOnlySpan<byte> bytes, bool complete = false)
    {
        var events = new List<WorkerEvent>();
        var (offset, line, lastSeq) = from;
        while (bytes.IndexOf((byte)'\n') is var end and >= 0)
        {
            line++;
            offset += end + 1;
            Take(bytes[..end], token, line, ref lastSeq, events);
            bytes = bytes[(end + 1)..];
        }

        if (complete && bytes.Length > 0)
        {
            line++;
            offset += bytes.Length;
            events.Add(Warning($"Line {line} of events.jsonl is torn; what it said is lost.", lastSeq));
        }

        return new EventBatch(attempt, new ReadPosition(offset, line, lastSeq), events);
    }

    private static void Take(ReadOnlySpan<byte> text, string token, long line, ref long lastSeq, List<WorkerEvent> events)
    {
        if (text.Trim(" \r\t"u8).IsEmpty)
        {
            return;
        }

        if (text.Length > MaxLineBytes)
        {
            events.Add(Warning($"Line {line} of events.jsonl has {text.Length} bytes and was left out.", lastSeq));
            return;
        }

        WorkerEvent? e;
        try
        {
            e = JsonSerializer.Deserialize<WorkerEvent>(text, WireJson.Options);
        }
        catch (JsonException)
        {
            events.Add(Warning($"Line {line} of events.jsonl is not an event and was left out.", lastSeq));
            return;
        }

        if (e is null || e.Token != token)
        {
            events.Add(Warning($"Line {line} of events.jsonl comes from another attempt and was left out.", lastSeq));
            return;
        }

        if (e.Seq <= lastSeq)
        {
            return;   // seen already
        }

        if (e.Seq > lastSeq + 1)
        {
            events.Add(Warning($"Events {lastSeq + 1} to {e.Seq - 1} are missing before line {line} of events.jsonl.", lastSeq));
        }

        lastSeq = e.Seq;
        Keep(e, line, events);
    }

    private static void Keep(WorkerEvent e, long line, List<WorkerEvent> events)
    {
        switch (e)
        {
            case MetricsEvent metrics:
                events.Add(Cleaned(metrics, line, events));
                break;
            case LogEvent log:
                events.Add(log.Text.Length > MaxTextLength ? log with { Text = InputException.Quote(log.Text, MaxTextLength) } : log);
                break;
            case CheckpointEvent { Path: var path } when !StaysInside(path):
            case EvaluationEvent { Path: var report } when !StaysInside(report):
                events.Add(Warning($"Line {line} of events.jsonl names a file outside the run's folder and was left out.", e.Seq));
                break;
            default:
                events.Add(e);
                break;
        }
    }

    private static MetricsEvent Cleaned(MetricsEvent metrics, long line, List<WorkerEvent> events)
    {
        if (metrics.Values is null)
        {
            return metrics with { Values = new Dictionary<string, double>() };
        }

        if (!metrics.Values.Any(v => v.Key.Length is 0 or > MaxKeyLength || v.Key.Any(char.IsControl)))
        {
            return metrics;
        }

        var values = new Dictionary<string, double>();
        foreach (var (key, value) in metrics.Values)
        {
            if (key.Length is 0 or > MaxKeyLength)
            {
                events.Add(Warning($"Line {line} of events.jsonl has a metric whose name has {key.Length} characters; it was left out.", metrics.Seq));
                continue;
            }

            values[InputException.Quote(key, MaxKeyLength)] = value;
        }

        return metrics with { Values = values };
    }

    /// <summary>A relative path without a way up: safe to join to the attempt's folder.</summary>
    public static bool StaysInside(string? path) =>
        path is { Length: > 0 and < 1000 } && !Path.IsPathRooted(path) && !path.Contains('\0', StringComparison.Ordinal)
        && !path.Split('/', '\\').Contains("..");

    private static LogEvent Warning(string text, long seq) =>
        new() { Seq = seq, Time = DateTimeOffset.UtcNow, Level = "warning", Text = text };
}
