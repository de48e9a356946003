using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;

namespace ExperimentHub.Hostile.Fuzzing;

/// <summary>Deals a number of inputs out to the parsers, each in a process that is watched: one that dies or stands still is a fault.</summary>
internal static class FuzzRunner
{
    /// <summary>So long may one input keep a process busy, on a machine that does other things too.</summary>
    private static readonly TimeSpan s_longestStill = TimeSpan.FromSeconds(90);

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var options = new Dictionary<string, string> { ["--inputs"] = "10000", ["--seed"] = "1", ["--from"] = "0", ["--only"] = "" };
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (!options.ContainsKey(arguments[i]) || i + 1 == arguments.Count)
            {
                Console.Error.WriteLine($"usage: ExperimentHub.Hostile fuzz {string.Join(' ', options.Keys.Select(o => $"[{o} …]"))}");
                return 2;
            }

            options[arguments[i]] = arguments[i + 1];
        }

        var names = FuzzTargets.Names.Where(n => options["--only"] is "" || options["--only"] == n).ToList();
        var inputs = long.Parse(options["--inputs"], CultureInfo.InvariantCulture);
        var session = Directory.CreateTempSubdirectory("experimenthub-fuzz-");
        var clean = 0;
        try
        {
            await Parallel.ForEachAsync(
                names,
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
                async (name, _) =>
                {
                    if (await WatchAsync(name, options["--from"], (inputs + names.Count - 1) / names.Count, options["--seed"], Path.Combine(session.FullName, name)))
                    {
                        Interlocked.Increment(ref clean);
                    }
                });
        }
        finally
        {
            session.Delete(recursive: true);
        }

        Console.WriteLine($"{clean} of {names.Count} parsers without a fault");
        return clean == names.Count ? 0 : 1;
    }

    private static async Task<bool> WatchAsync(string name, string from, long count, string seed, string scratch)
    {
        Directory.CreateDirectory(scratch);
        var start = new ProcessStartInfo(
            "dotnet", [typeof(FuzzRunner).Assembly.Location, FuzzHost.Switch, name, from, count.ToString(CultureInfo.InvariantCulture), seed, scratch])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var still = Stopwatch.StartNew();
        for (var (last, now) = (-1L, -1L); !process.HasExited; now = Number(scratch))
        {
            if (now != last)
            {
                last = now;
                still.Restart();
            }
            else if (still.Elapsed > s_longestStill)
            {
                process.Kill(entireProcessTree: true);
                Console.WriteLine($"{name} --from {Number(scratch)} --seed {seed}: no end within {s_longestStill.TotalSeconds} s");
            }

            await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(1)));
        }

        await process.WaitForExitAsync();
        Console.Write(await output);
        if (process.ExitCode is not (0 or 1))
        {
            Console.WriteLine($"{name} --from {Number(scratch)} --seed {seed}: the process died with exit code {process.ExitCode}");
        }

        return process.ExitCode == 0;
    }

    /// <summary>The input in hand.</summary>
    private static long Number(string scratch)
    {
        var file = Path.Combine(scratch, "number");
        return File.Exists(file) && File.ReadAllBytes(file) is { Length: 8 } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : -1;
    }
}
