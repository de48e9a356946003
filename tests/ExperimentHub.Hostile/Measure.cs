using System.Diagnostics;
using System.Globalization;

namespace ExperimentHub.Hostile;

/// <summary>
/// Processor time and peak memory of what this process does between two moments. On Linux the peak is the kernel's own, reset before;
/// elsewhere that of the process since its start, which can only be more.
/// </summary>
internal sealed class Measure
{
    private readonly TimeSpan _processor;
    private long _before;
    private long _most;

    private Measure()
    {
        using var process = Process.GetCurrentProcess();
        _processor = process.TotalProcessorTime;
    }

    public static Measure Start()
    {
        var measure = new Measure();
        measure.Begin();
        return measure;
    }

    /// <summary>What comes next happens in another process in truth, which has none of this one's garbage.</summary>
    public void NextProcess()
    {
        See();
        Begin();
    }

    public (double Seconds, double Megabytes) Stop()
    {
        See();
        using var process = Process.GetCurrentProcess();
        return ((process.TotalProcessorTime - _processor).TotalSeconds, _most / 1048576.0);
    }

    private void Begin()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (OperatingSystem.IsLinux())
        {
            File.WriteAllText("/proc/self/clear_refs", "5");   // the peak starts anew
        }

        using var process = Process.GetCurrentProcess();
        _before = process.WorkingSet64;
    }

    private void See()
    {
        using var process = Process.GetCurrentProcess();
        _most = Math.Max(_most, (OperatingSystem.IsLinux() ? Peak() : process.PeakWorkingSet64) - _before);
    }

    private static long Peak()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
