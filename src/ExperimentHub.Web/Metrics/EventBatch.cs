using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Web.Metrics;

/// <summary>Which attempt events belong to.</summary>
/// <param name="AttemptId">Key of the attempt in hub.db.</param>
/// <param name="RunId">The run whose curves they are; 0 for a job, whose metrics are not kept.</param>
/// <param name="Number">1, 2, 3 … within the run.</param>
public sealed record AttemptKey(int AttemptId, int RunId, int Number);

/// <summary>Where the reading of an events file stands. Stored in one transaction with the events before it.</summary>
/// <param name="Offset">Bytes read.</param>
/// <param name="Line">Lines read.</param>
/// <param name="LastSeq">Sequence number of the last event taken.</param>
public sealed record ReadPosition(long Offset, long Line, long LastSeq)
{
    public static ReadPosition Start { get; } = new(0, 0, 0);
}

/// <summary>What was read at once from one attempt's events: goes into the store whole or not at all.</summary>
public sealed record EventBatch(AttemptKey Attempt, ReadPosition Position, IReadOnlyList<WorkerEvent> Events);
