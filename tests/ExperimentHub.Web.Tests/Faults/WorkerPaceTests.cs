using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Workers;

namespace ExperimentHub.Web.Tests.Faults;

public sealed class WorkerPaceTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly HandClock _clock = new();

    [Fact]
    public void StandsStill_AfterTheLimit_WhenStepsWereQuick()
    {
        var pace = Trained(secondsAStep: 1);

        _clock.Pass(59);
        pace.Heard([new HeartbeatEvent { Step = 5 }]);
        Assert.Null(pace.StandsStill(s_limit));

        _clock.Pass(2);
        Assert.Equal(61, pace.StandsStill(s_limit)!.Value.TotalSeconds);
    }

    [Fact]
    public void StandsStill_WaitsTenTimesTheUsualStep_WhenStepsAreLong()
    {
        var pace = Trained(secondsAStep: 100);

        _clock.Pass(999);
        Assert.Null(pace.StandsStill(s_limit));

        _clock.Pass(2);
        Assert.NotNull(pace.StandsStill(s_limit));
    }

    [Fact]
    public void StandsStill_IsPatient_WhileTheModelLoadsOrACheckpointIsSaved()
    {
        var saving = Trained(secondsAStep: 1);
        var loading = new WorkerPace(_clock);
        loading.Heard([new ProgressEvent { Stage = "loading" }]);
        saving.Heard([new ProgressEvent { Stage = "saving" }]);

        _clock.Pass(599);
        Assert.Null(loading.StandsStill(s_limit));
        Assert.Null(saving.StandsStill(s_limit));

        _clock.Pass(2);
        Assert.NotNull(loading.StandsStill(s_limit));
        Assert.NotNull(saving.StandsStill(s_limit));
    }

    private WorkerPace Trained(int secondsAStep)
    {
        var pace = new WorkerPace(_clock);
        pace.Heard([new StartedEvent { TotalSteps = 100 }]);
        for (var step = 1; step <= 5; step++)
        {
            _clock.Pass(secondsAStep);
            pace.Heard([new MetricsEvent { Step = step, Values = new Dictionary<string, double>() }, new ProgressEvent { Stage = "training", Done = step }]);
        }

        return pace;
    }

    private sealed class HandClock : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public void Pass(int seconds) => _seconds += seconds;

        public override long GetTimestamp() => _seconds;
    }
}
