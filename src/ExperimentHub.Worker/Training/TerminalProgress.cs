using System.Diagnostics;
using System.Globalization;
using ExperimentHub.Engine.Training;

namespace ExperimentHub.Worker;

/// <summary>A progress bar on a terminal's stderr; silent when that is a file or a pipe.</summary>
internal sealed class TerminalProgress : IDisposable
{
    private const int Width = 30;

    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(200);

    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _shownAt;
    private double _loss = double.NaN;

    public void Show(StepReport step)
    {
        _loss = double.IsNaN(_loss) ? step.Loss : (0.95 * _loss) + (0.05 * step.Loss);
        if (!_isTerminal || (Stopwatch.GetElapsedTime(_shownAt) < s_every && step.Step != step.TotalSteps))
        {
            return;
        }

        _shownAt = Stopwatch.GetTimestamp();
        var done = (double)step.Step / step.TotalSteps;
        var full = (int)(done * Width);
        var left = TimeSpan.FromSeconds(Stopwatch.GetElapsedTime(_began).TotalSeconds * (1 - done) / done);
        Console.Error.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"\r{new string('█', full)}{new string('░', Width - full)} {step.Step}/{step.TotalSteps}  loss {_loss:0.000}  {step.Tokens / step.Took.TotalSeconds:0} tokens/s  {left:h\\:mm\\:ss} left "));
    }

    public void Dispose()
    {
        if (_isTerminal && _shownAt != 0)
        {
            Console.Error.WriteLine();
        }
    }
}
