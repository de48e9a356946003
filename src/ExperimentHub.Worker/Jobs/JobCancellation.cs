using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Worker;

/// <summary>A token that the hub's <c>cancel</c> (or <c>stop</c>, where there is nothing to save) sets; looked for twice a second.</summary>
internal sealed class JobCancellation : IDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _source = new();
    private readonly ControlReader _control;
    private readonly Timer _timer;

    public JobCancellation(JobContext job)
    {
        _control = new ControlReader(job.Folder, job.Header.Token);
        _timer = new Timer(_ => Look(), null, s_every, s_every);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }

    private void Look()
    {
        try
        {
            lock (_control)
            {
                if (_control.Read().Any(c => c.Command is Commands.Cancel or Commands.Stop))
                {
                    _source.Cancel();
                }
            }
        }
        catch (IOException)
        {
            // The file is being written; the next look sees it.
        }
        catch (ObjectDisposedException)
        {
            // The timer fired while the job was ending.
        }
    }
}
