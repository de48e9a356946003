namespace ExperimentHub.Worker;

/// <summary>What the environment of a worker may set.</summary>
internal static class WorkerSettings
{
    /// <summary><c>EXPERIMENTHUB_PLAIN_KERNELS=1</c> trains with torch's operators only, should a fast path be suspected of a fault.</summary>
    public static bool PlainKernels => Environment.GetEnvironmentVariable("EXPERIMENTHUB_PLAIN_KERNELS") == "1";
}
