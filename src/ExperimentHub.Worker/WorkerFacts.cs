using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Worker;

/// <summary>What a run's numbers may depend on: for whoever reads it later.</summary>
internal static class WorkerFacts
{
    public static IReadOnlyDictionary<string, string> Collect(ClassifierTraining training) => new Dictionary<string, string>
    {
        ["worker_version"] = typeof(WorkerFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
        ["torch_version"] = __version__,
        ["dotnet_version"] = Environment.Version.ToString(),
        ["os"] = RuntimeInformation.OSDescription,
        ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
        ["processor"] = Processor(),
        ["cores"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        ["threads"] = get_num_threads().ToString(CultureInfo.InvariantCulture),
        ["avx512"] = Avx512F.IsSupported ? "yes" : "no",
        ["memory_mb"] = (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20).ToString(CultureInfo.InvariantCulture),
        ["precision"] = training.Precision,
        ["kernels"] = training.IsPlain ? "plain" : "fast",
    };

    private static string Processor()
    {
        const string CpuInfo = "/proc/cpuinfo";
        return File.Exists(CpuInfo) && File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
    }
}
