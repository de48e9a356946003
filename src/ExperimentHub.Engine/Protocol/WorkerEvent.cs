using System.Text.Json.Serialization;

namespace ExperimentHub.Engine.Protocol;

/// <summary>
/// One line of <c>events.jsonl</c>. <see cref="Seq"/> counts from 1 in each attempt; a reader drops what it has seen and what carries
/// another <see cref="Token"/> than the attempt's own.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type", IgnoreUnrecognizedTypeDiscriminators = true)]
[JsonDerivedType(typeof(StartedEvent), "started")]
[JsonDerivedType(typeof(MetricsEvent), "metrics")]
[JsonDerivedType(typeof(LogEvent), "log")]
[JsonDerivedType(typeof(ProgressEvent), "progress")]
[JsonDerivedType(typeof(CheckpointEvent), "checkpoint")]
[JsonDerivedType(typeof(EvaluationEvent), "evaluation")]
[JsonDerivedType(typeof(HeartbeatEvent), "heartbeat")]
[JsonDerivedType(typeof(FinishedEvent), "finished")]
public record WorkerEvent
{
    public long Seq { get; init; }

    public DateTimeOffset Time { get; init; }

    public string? Token { get; init; }
}

/// <summary>A run begins its steps; progress events of what comes before may precede it. <see cref="Step"/> is the step a resumed attempt goes on from: points after it of earlier attempts are superseded.</summary>
public sealed record StartedEvent : WorkerEvent
{
    public int Attempt { get; init; } = 1;

    /// <summary><c>cpu</c>, <c>cuda:0</c> …</summary>
    public string Device { get; init; } = "cpu";

    public long Parameters { get; init; }

    public long TrainableParameters { get; init; }

    public long Step { get; init; }

    /// <summary>Optimiser steps of the whole run; 0 for a job that has none.</summary>
    public long TotalSteps { get; init; }

    /// <summary>Facts for whoever reads the run later: library versions, processor, precision in force …</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }
}

/// <summary>Values at one step. Keys as in the field (<c>train_loss</c>, <c>eval_accuracy</c>, <c>learning_rate</c>); NaN and infinities are values.</summary>
public sealed record MetricsEvent : WorkerEvent
{
    public long Step { get; init; }

    public double? Epoch { get; init; }

    /// <summary>Tokens seen so far, padding not counted.</summary>
    public long? Tokens { get; init; }

    public required IReadOnlyDictionary<string, double> Values { get; init; }
}

public sealed record LogEvent : WorkerEvent
{
    /// <summary><c>info</c>, <c>warning</c> or <c>error</c>.</summary>
    public string Level { get; init; } = "info";

    public required string Text { get; init; }
}

/// <summary>How far a job is. <see cref="Stage"/> is a resource key (<c>reading</c>, <c>tokenizing</c>, <c>training</c> …).</summary>
public sealed record ProgressEvent : WorkerEvent
{
    public required string Stage { get; init; }

    public long Done { get; init; }

    public long? Total { get; init; }

    /// <summary>0 to 1 over the whole job.</summary>
    public double Fraction { get; init; }

    public double? SecondsLeft { get; init; }
}

/// <summary>A checkpoint is complete on disk. <see cref="Path"/> is relative to the attempt's folder.</summary>
public sealed record CheckpointEvent : WorkerEvent
{
    public long Step { get; init; }

    public required string Path { get; init; }

    /// <summary>True when it is the best so far by the run's metric.</summary>
    public bool Best { get; init; }

    /// <summary>Checkpoints that were deleted to keep within <c>keep_checkpoints</c>, by their paths.</summary>
    public IReadOnlyList<string>? Deleted { get; init; }
}

/// <summary>An evaluation's report (an <c>EvaluationReport</c> as JSON) is complete on disk, relative to the attempt's folder.</summary>
public sealed record EvaluationEvent : WorkerEvent
{
    public long Step { get; init; }

    /// <summary><c>validation</c> or <c>test</c>.</summary>
    public string Split { get; init; } = "validation";

    public required string Path { get; init; }
}

/// <summary>The worker lives (every 5 s, from a thread of its own); a step that stands still for long means that it hangs.</summary>
public sealed record HeartbeatEvent : WorkerEvent
{
    public long Step { get; init; }

    public double? MemoryMb { get; init; }
}

/// <summary>The last event.</summary>
public sealed record FinishedEvent : WorkerEvent
{
    /// <summary>One of <see cref="Outcomes"/>.</summary>
    public required string Outcome { get; init; }

    public long Step { get; init; }

    /// <summary>One sentence for people; set when the outcome is <c>failed</c>.</summary>
    public string? Error { get; init; }

    /// <summary>See <see cref="InputException.Code"/>.</summary>
    public string? ErrorCode { get; init; }

    public IReadOnlyList<string>? ErrorArguments { get; init; }

    /// <summary>Final metrics of a run.</summary>
    public IReadOnlyDictionary<string, double>? Values { get; init; }
}

public static class Outcomes
{
    public const string Completed = "completed";

    /// <summary>Stopped after saving; can be resumed.</summary>
    public const string Stopped = "stopped";

    public const string Cancelled = "cancelled";

    public const string Failed = "failed";
}
