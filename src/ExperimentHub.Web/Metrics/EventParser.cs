using System.Text.Json;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Web.Metrics;

/// <summary>
/// Turns the bytes of an events file into events. Nothing in the file is trusted: a line that is no event becomes a warning of the log
/// that names it, one that carries another attempt's token or an old sequence number is dropped.
/// </summary>
internal static class EventParser
{
    private const int MaxLineBytes = 1 << 20;

    /// <summary>Warnings a batch; a file of nothing but bad lines must not become a log as long.</summary>
    private const int MostWarnings = 100;

    /// <summary>Reads the whole lines of <paramref name="bytes"/>; what follows the last line break is left for later.</summary>
    /// <param name="complete">True when the file will not grow any more: a last line without its end is then a torn one.</param>
    public static EventBatch Parse(AttemptKey attempt, string token, ReadPosition from, ReadOnlySpan<byte> bytes, bool complete = false)
    {
        var events = new List<WorkerEvent>();
        var (offset, line, lastSeq) = from;
        var (warnings, notTold) = (0, 0L);
        while (bytes.IndexOf((byte)'\n') is var end and >= 0)
        {
            line++;
            offset += end + 1;
            Take(bytes[..end], token, line, ref lastSeq, events, Warn);
            bytes = bytes[(end + 1)..];
        }

        if (complete && bytes.Length > 0)
        {
            line++;
            offset += bytes.Length;
            Warn($"Line {line} of events.jsonl is torn; what it said is lost.", lastSeq);
        }

        if (notTold > 0)
        {
            events.Add(Warning($"{notTold} more lines of events.jsonl up to line {line} were left out.", lastSeq));
        }

        return new EventBatch(attempt, new ReadPosition(offset, line, lastSeq), events);

        void Warn(string text, long seq)
        {
            if (warnings++ < MostWarnings)
            {
                events.Add(Warning(text, seq));
            }
            else
            {
                notTold++;
            }
        }
    }

    private static void Take(ReadOnlySpan<byte> text, string token, long line, ref long lastSeq, List<WorkerEvent> events, Action<string, long> warn)
    {
        if (text.Trim(" \r\t"u8).IsEmpty)
        {
            return;
        }

        if (text.Length > MaxLineBytes)
        {
            warn($"Line {line} of events.jsonl has {text.Length} bytes and was left out.", lastSeq);
            return;
        }

        WorkerEvent? e;
        try
        {
            e = JsonSerializer.Deserialize<WorkerEvent>(text, WireJson.Options);
        }
        catch (JsonException)
        {
            warn($"Line {line} of events.jsonl is not an event and was left out.", lastSeq);
            return;
        }

        if (e is null || e.Token != token)
        {
            warn($"Line {line} of events.jsonl comes from another attempt and was left out.", lastSeq);
            return;
        }

        if (e.Seq <= lastSeq)
        {
            return;   // seen already
        }

        if (e.Seq > lastSeq + 1)
        {
            warn($"Events {lastSeq + 1} to {e.Seq - 1} are missing before line {line} of events.jsonl.", lastSeq);
        }

        lastSeq = e.Seq;
        if (EventCleaning.Clean(e, what => warn($"Line {line} of events.jsonl {what}.", e.Seq)) is { } clean)
        {
            events.Add(clean);
        }
    }

    private static LogEvent Warning(string text, long seq) =>
        new() { Seq = seq, Time = DateTimeOffset.UtcNow, Level = "warning", Text = text };
}
