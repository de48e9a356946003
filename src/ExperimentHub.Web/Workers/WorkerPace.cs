using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Web.Workers;

/// <summary>How fast a worker gets on, by the hub's own clock: tells one that hangs while its heart beats from one that is slow.</summary>
internal sealed class WorkerPace(TimeProvider clock)
{
    private const string Training = "training";
    private const int Remembered = 21;

    /// <summary>Loading, saving and the first steps may take so many times longer than the pause that is suspicious between steps.</summary>
    private const int PatienceElsewhere = 10;

    private readonly Queue<TimeSpan> _pauses = [];
    private long _movedAt = clock.GetTimestamp();
    private long _step = -1;
    private string? _stage;

    public void Heard(IReadOnlyList<WorkerEvent> events)
    {
        foreach (var e in events)
        {
            switch (e)
            {
                case HeartbeatEvent heartbeat:
                    MovedTo(heartbeat.Step);
                    break;
                case MetricsEvent metrics:
                    MovedTo(metrics.Step);
                    break;
                case ProgressEvent { Stage: Training } training:
                    _stage = Training;
                    MovedTo(training.Done);
                    break;
                case ProgressEvent progress:
                    _stage = progress.Stage;
                    _movedAt = clock.GetTimestamp();
                    break;
                default:
                    _movedAt = clock.GetTimestamp();
                    break;
            }
        }
    }

    /// <summary>For how long it has not moved, when that is too long: <paramref name="limit"/>, or ten times the median pause between two steps.</summary>
    public TimeSpan? StandsStill(TimeSpan limit)
    {
        var still = clock.GetElapsedTime(_movedAt);
        var median = _pauses.Order().ElementAtOrDefault(_pauses.Count / 2);
        var allowed = _stage == Training && _pauses.Count > 1 ? TimeSpan.FromTicks(Math.Max(limit.Ticks, 10 * median.Ticks)) : PatienceElsewhere * limit;
        return still > allowed ? still : null;
    }

    private void MovedTo(long step)
    {
        if (step == _step)
        {
            return;
        }

        _step = step;
        _pauses.Enqueue(clock.GetElapsedTime(_movedAt));
        _movedAt = clock.GetTimestamp();
        if (_pauses.Count > Remembered)
        {
            _pauses.Dequeue();
        }
    }
}
