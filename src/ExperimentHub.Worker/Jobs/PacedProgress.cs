using System.Diagnostics;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker;

/// <summary>Progress events, at most four a second and one for each new stage.</summary>
internal sealed class PacedProgress(EventWriter events)
{
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(250);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private string? _stage;

    /// <summary><paramref name="before"/> is the share of the job that was done when the stage began, <paramref name="share"/> that of the stage.</summary>
    public void Report(string stage, long done, long total, double before, double share)
    {
        if (stage == _stage && _clock.Elapsed < s_every)
        {
            return;
        }

        _stage = stage;
        _clock.Restart();
        events.Write(new ProgressEvent { Stage = stage, Done = done, Total = total, Fraction = before + (share * (total == 0 ? 0 : done / (double)total)) });
    }
}
