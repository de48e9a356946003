using System.Diagnostics;
using System.Globalization;
using ExperimentHub.Web.Data;

namespace ExperimentHub.Web.Machine;

/// <summary>How the machine stands: shares are 0 to 1, sizes bytes.</summary>
public sealed record MachineReading(
    DateTimeOffset Time, int Cores, string Processor, double CpuShare, long MemoryUsed, long MemoryTotal, long DiskUsed, long DiskTotal, IReadOnlyList<GpuReading> Gpus);

public sealed record GpuReading(string Name, double Share, long MemoryUsed, long MemoryTotal);

/// <summary>Reads the gauges of Home every 2 s while somebody looks at them.</summary>
public sealed partial class MachineState(HubPaths paths, ILogger<MachineState> logger) : IDisposable
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly string _processor = ReadProcessor();
    private MachineReading? _last;
    private (long Busy, long Total) _cpu;
    private bool? _hasGpu;

    public async Task<MachineReading> ReadAsync(CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_last is null || DateTimeOffset.UtcNow - _last.Time > s_fresh)
            {
                var (used, total) = Memory();
                var disk = new DriveInfo(paths.Root);
                _last = new MachineReading(
                    DateTimeOffset.UtcNow, Environment.ProcessorCount, _processor, Cpu(), used, total, disk.TotalSize - disk.AvailableFreeSpace, disk.TotalSize,
                    await GpusAsync(cancellationToken));
            }

            return _last;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private double Cpu()
    {
        if (!File.Exists("/proc/stat"))
        {
            return 0;
        }

        var numbers = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(n => long.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        var total = numbers.Take(8).Sum();
        var busy = total - numbers[3] - numbers[4];
        var (busyBefore, totalBefore) = _cpu;
        _cpu = (busy, total);
        return total == totalBefore ? 0 : Math.Clamp((double)(busy - busyBefore) / (total - totalBefore), 0, 1);
    }

    private static (long Used, long Total) Memory()
    {
        if (!File.Exists("/proc/meminfo"))
        {
            var info = GC.GetGCMemoryInfo();
            return (info.MemoryLoadBytes, info.TotalAvailableMemoryBytes);
        }

        var lines = File.ReadLines("/proc/meminfo").Select(l => l.Split(':', 2)).ToDictionary(p => p[0], p => p[1]);
        long Kilobytes(string key) => long.Parse(lines[key].Trim().Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
        return (Kilobytes("MemTotal") - Kilobytes("MemAvailable"), Kilobytes("MemTotal"));
    }

    private static string ReadProcessor()
    {
        var line = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..].Trim();
    }

    private async Task<IReadOnlyList<GpuReading>> GpusAsync(CancellationToken cancellationToken)
    {
        if (_hasGpu == false)
        {
            return [];
        }

        try
        {
            using var process = Process.Start(new ProcessStartInfo("nvidia-smi", ["--query-gpu=name,utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            var text = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            _hasGpu = text.Length > 0;
            return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(l => l.Split(", ")).Where(f => f.Length == 4).Select(f =>
                new GpuReading(f[0], Number(f[1]) / 100, (long)(Number(f[2]) * 1048576), (long)(Number(f[3]) * 1048576)))];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            _hasGpu = false;   // no such program: no NVIDIA GPU
            LogNoGpu();
            return [];
        }
    }

    private static double Number(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [LoggerMessage(Level = LogLevel.Information, Message = "No nvidia-smi on this machine: training runs on the CPU")]
    private partial void LogNoGpu();
}
