using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using ExperimentHub.Engine;

namespace ExperimentHub.Hostile.Fuzzing;

/// <summary>
/// Gives inputs to one parser, in a process of its own. The number of the input in hand stands in a file, so that the parent can name it
/// when this process dies or hangs; each other fault is a line of output.
/// </summary>
internal static class FuzzHost
{
    public const string Switch = "--fuzz-host";

    private const long MostMegabytes = 64;
    private const int MostFaults = 20;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

    public static int Run(string name, long from, long count, ulong seed, string scratch)
    {
        using var targets = new FuzzTargets(scratch);
        var target = targets.All.Single(t => t.Name == name);
        foreach (var content in target.Seeds)
        {
            // A seed that is refused would make nothing but inputs that are refused at the same place.
            if (Fault(target, target.Wrap?.Invoke(content) ?? content, out var refused) is { } fault || refused)
            {
                Console.WriteLine($"{name}: a seed is not read");
                return 1;
            }
        }

        using var progress = File.OpenHandle(Path.Combine(scratch, "number"), FileMode.Create, FileAccess.Write, FileShare.Read);
        var (faults, refusals) = (0, 0L);
        var number = new byte[8];
        for (var i = from; i < from + count && faults < MostFaults; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, i);
            RandomAccess.Write(progress, number, 0);
            if (Fault(target, Mutator.Make(target, seed, i), out var refused) is { } fault)
            {
                faults++;
                Console.WriteLine($"{name} --from {i.ToString(CultureInfo.InvariantCulture)} --seed {seed}: {fault}");
            }

            refusals += refused ? 1 : 0;
        }

        Console.WriteLine($"{name}: {count} inputs, {refusals} refused, {faults} faults");
        return faults == 0 ? 0 : 1;
    }

    private static string? Fault(FuzzTarget target, byte[] input, out bool refused)
    {
        refused = false;
        var allowed = (2L * input.Length) + (MostMegabytes << 20);
        var before = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.GetTimestamp();
        try
        {
            target.Read(input);
        }
        catch (InputException e)
        {
            refused = true;
            if (e.Message.Length is 0 or > InputException.MaxLength || e.Message.Any(char.IsControl))
            {
                return $"a message of {e.Message.Length} characters, or with a control character";
            }
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} {e.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}";
        }

        // What was allocated bounds what was held at once; only where it is more must the peak be measured.
        return GC.GetTotalAllocatedBytes() - before <= allowed && Stopwatch.GetElapsedTime(clock) < s_longest ? null : Measured(target, input, allowed);
    }

    private static string? Measured(FuzzTarget target, byte[] input, long allowed)
    {
        var measure = Measure.Start();
        try
        {
            target.Read(input);
        }
        catch (InputException)
        {
            // Judged before.
        }

        var (seconds, megabytes) = measure.Stop();
        return megabytes * 1048576 > allowed ? $"{megabytes:F0} MB for {input.Length} bytes"
            : seconds > s_longest.TotalSeconds ? $"{seconds:F1} s for {input.Length} bytes"
            : null;
    }
}
