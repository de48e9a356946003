using System.Globalization;

namespace ExperimentHub.Benchmarks;

/// <summary>Resident memory and processor time of a process, looked at ten times a second (Linux).</summary>
internal sealed class MemoryWatch : IDisposable
{
    private readonly string _folder;
    private readonly List<long> _seen = [];
    private readonly Timer _timer;

    public MemoryWatch(int processId)
    {
        _folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/");
        _timer = new Timer(_ => Look(), null, 0, 100);
    }

    public long PeakMegabytes { get; private set; }

    /// <summary>The mean of each tenth of the time, so that growth is told from ups and downs.</summary>
    public IReadOnlyList<long> Tenths
    {
        get
        {
            lock (_seen)
            {
                return [.. _seen.Chunk(Math.Max(1, (_seen.Count + 9) / 10)).Select(tenth => (long)tenth.Average())];
            }
        }
    }

    public long Megabytes =>
        long.Parse(
            File.ReadLines(_folder + "status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) >> 10;

    /// <summary>Seconds of all its threads together.</summary>
    public double ProcessorSeconds
    {
        get
        {
            var stat = File.ReadAllText(_folder + "stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_seen)
        {
            _seen.Add(Megabytes);
            PeakMegabytes = Math.Max(PeakMegabytes, _seen[^1]);
        }
    }
}
