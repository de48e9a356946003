using System.Diagnostics;
using System.Globalization;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Workers;

/// <summary>A process that cannot be mistaken for a later one with the same number.</summary>
public readonly record struct ProcessIdentity(int Pid, long Start);

/// <summary>
/// Starts workers on this machine, and asks after them. A worker runs in a session of its own (Ctrl+C at the hub does not reach it) with
/// its output in files, so nothing about it depends on the hub's life.
/// </summary>
public sealed class WorkerLauncher(IOptions<HubOptions> options)
{
    /// <summary>The process number of a worker that is not on this machine: no process has it.</summary>
    public const int Nowhere = int.MaxValue;

    /// <summary>The variable in which a worker finds the token of a model hub.</summary>
    public const string ModelHubToken = "HF_TOKEN";

    /// <summary>Threads of one training slot.</summary>
    public int ThreadsPerSlot
    {
        get
        {
            var workers = options.Value.Workers;
            return workers.Threads > 0 ? workers.Threads : Math.Max(1, Environment.ProcessorCount / workers.TrainingSlots);
        }
    }

    /// <summary>Starts <c>worker COMMAND ARGUMENTS</c>, output to the folder's two log files.</summary>
    public ProcessIdentity Start(JobFolder folder, int threads, params IReadOnlyList<string> arguments) => Start(folder, threads, new Dictionary<string, string>(), arguments);

    /// <summary>The same with variables in the worker's environment, where nobody else on the machine can read them.</summary>
    public ProcessIdentity Start(JobFolder folder, int threads, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> arguments)
    {
        var assembly = FindAssembly();
        var dotnet = Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd", ["/d", "/c", $"\"\"{dotnet}\" \"{assembly}\" {string.Join(' ', arguments.Select(a => $"\"{a}\""))} >> \"{folder.StandardOutput}\" 2>> \"{folder.StandardError}\" < nul\""])
            : new ProcessStartInfo("/bin/sh", ["-c", Detach, folder.StandardOutput, folder.StandardError, dotnet, assembly, .. arguments]);
        start.UseShellExecute = false;
        start.CreateNoWindow = true;
        start.WorkingDirectory = folder.Path;
        foreach (var variable in start.Environment.Keys.Where(k => k.StartsWith("ExperimentHub__", StringComparison.OrdinalIgnoreCase) || k.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(variable);   // a worker needs none of the hub's secrets
        }

        start.Environment.Remove(ModelHubToken);   // nor the token of whoever started the hub: each import has its own
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        start.Environment["DOTNET_TieredPGO"] = "1";
        start.Environment["DOTNET_gcServer"] = "0";
        using var process = Process.Start(start) ?? throw new InvalidOperationException("The worker process could not be started.");
        return new ProcessIdentity(process.Id, StartOf(process.Id) ?? 0);
    }

    /// <summary>$0 and $1 are the log files; setsid replaces the shell, so the process number stays. It is noted, so that a hub that dies before it has stored it does not lose the worker.</summary>
    private const string Detach = """out=$0; err=$1; shift; echo $$ 2>/dev/null >worker.pid; if command -v setsid >/dev/null 2>&1; then exec setsid "$@" >>"$out" 2>>"$err" </dev/null; else exec "$@" >>"$out" 2>>"$err" </dev/null; fi""";

    /// <summary>The living worker of a folder whose process number no hub has stored; null when there is none.</summary>
    public static ProcessIdentity? Find(JobFolder folder)
    {
        var note = folder.At("worker.pid");
        if (!File.Exists(note) || !int.TryParse(File.ReadAllText(note), CultureInfo.InvariantCulture, out var pid) || StartOf(pid) is not { } start)
        {
            return null;
        }

        try
        {
            // After a restart of the machine the number may be anybody's.
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline")).Split('\0').Contains(folder.Path) ? new ProcessIdentity(pid, start) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static bool IsAlive(ProcessIdentity process) => StartOf(process.Pid) is { } start && (process.Start == 0 || start == process.Start);

    public static void Kill(ProcessIdentity process)
    {
        if (!IsAlive(process))
        {
            return;
        }

        try
        {
            using var target = Process.GetProcessById(process.Pid);
            target.Kill(entireProcessTree: true);
        }
        catch (ArgumentException)
        {
            // It ended between the two lines.
        }
        catch (InvalidOperationException)
        {
            // Likewise.
        }
    }

    /// <summary>When a living process started, in clock ticks since boot (Linux) or in ticks of .NET; null when it is no more (or a zombie).</summary>
    private static long? StartOf(int pid)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');   // the name in parentheses may hold spaces
                return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                return null;
            }
            catch (UnauthorizedAccessException)
            {
                return null;
            }
        }

        try
        {
            using var process = Process.GetProcessById(pid);
            return process.HasExited ? null : process.StartTime.ToUniversalTime().Ticks;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private string FindAssembly()
    {
        if (options.Value.Workers.Assembly is { Length: > 0 } configured)
        {
            return Path.GetFullPath(configured, AppContext.BaseDirectory);
        }

        var published = Path.Combine(AppContext.BaseDirectory, "worker", "ExperimentHub.Worker.dll");
        if (File.Exists(published))
        {
            return published;
        }

        // A build: artifacts/bin/ExperimentHub.Web/release beside artifacts/bin/ExperimentHub.Worker/release_linux-x64. Tests run
        // from their own folder beside these.
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = own.Name.Split('_')[0];
        var worker = Path.Combine(own.Parent!.Parent!.FullName, "ExperimentHub.Worker");
        var found = Directory.Exists(worker)
            ? Directory.EnumerateDirectories(worker, configuration + "*").Select(d => Path.Combine(d, "ExperimentHub.Worker.dll")).FirstOrDefault(File.Exists)
            : null;
        return found ?? throw new InvalidOperationException(
            "ExperimentHub.Worker.dll is not beside the hub; build the solution, or set ExperimentHub:Workers:Assembly to its path.");
    }
}
