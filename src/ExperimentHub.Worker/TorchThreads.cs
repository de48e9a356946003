using System.Globalization;
using ExperimentHub.Engine.Protocol;
using static TorchSharp.torch;

namespace ExperimentHub.Worker;

/// <summary>How many threads torch takes, and how they wait: called before anything else of torch is.</summary>
internal static class TorchThreads
{
    /// <summary>0 takes all cores. What the environment says already stays as it is.</summary>
    public static void Set(int threads)
    {
        threads = threads > 0 ? threads : Environment.ProcessorCount;
        if (!OperatingSystem.IsWindows())
        {
            // OpenMP reads these when it is loaded. Threads that spin while they wait take the cores from serving beside training,
            // and from our own threads between two operations.
            _ = Posix.SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
            _ = Posix.SetEnvironment("OMP_NUM_THREADS", threads.ToString(CultureInfo.InvariantCulture), overwrite: 0);
        }

        set_num_threads(threads);
    }
}
