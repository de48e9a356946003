using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Web.Workers;

/// <summary>A worker ended without its last event: why, in one sentence for people.</summary>
public sealed record WorkerDeath(string Code, string Message, params IReadOnlyList<object> Arguments)
{
    /// <summary>The code of a worker that said nothing at its end.</summary>
    public const string Killed = "worker.killed";

    private const int TailBytes = 8192;

    /// <summary>With less than this the disk counts as full.</summary>
    private const long LeastFreeBytes = 256 << 10;

    public static WorkerDeath Restored { get; } =
        new("worker.restored", "The run was training when this backup was made; resume goes on from the last checkpoint in it.");

    /// <summary>Reads the reason off the end of the worker's stderr.</summary>
    public static WorkerDeath FromLog(JobFolder folder)
    {
        var lines = Tail(folder.StandardError).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Any(l => l.Contains("OutOfMemory", StringComparison.Ordinal) || l.Contains("bad_alloc", StringComparison.Ordinal) || l.Contains("out of memory", StringComparison.OrdinalIgnoreCase)))
        {
            return new WorkerDeath("worker.out_of_memory", "The worker ran out of memory; use a smaller batch size, a smaller maximum length or a smaller model.");
        }

        // A full disk may not even have taken the words that say so.
        if (lines.Any(l => l.Contains("No space left", StringComparison.OrdinalIgnoreCase) || l.Contains("disk is full", StringComparison.OrdinalIgnoreCase)) || IsFull(folder))
        {
            return new WorkerDeath("worker.disk_full", "The disk is full, or what may be written to it is used up; free some space and resume.");
        }

        if (lines.Length == 0)
        {
            return new WorkerDeath(Killed, "The worker ended without a word: it was killed, or the machine ran out of memory or power. Resume goes on from the last checkpoint.");
        }

        // The first line of an unhandled exception says what happened; what follows says where.
        var line = InputException.Quote(lines.FirstOrDefault(l => l.StartsWith("Unhandled exception", StringComparison.Ordinal)) ?? lines[^1], 200);
        return new WorkerDeath("worker.died", $"The worker ended unexpectedly: {line}", line);
    }

    private static bool IsFull(JobFolder folder)
    {
        try
        {
            return new DriveInfo(folder.Path).AvailableFreeSpace < LeastFreeBytes;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string Tail(string path)
    {
        if (!File.Exists(path))
        {
            return "";
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-Math.Min(file.Length, TailBytes), SeekOrigin.End);
        using var text = new StreamReader(file);
        return text.ReadToEnd();
    }
}
