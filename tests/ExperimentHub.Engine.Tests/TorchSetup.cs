using System.Runtime.CompilerServices;
using ExperimentHub.Worker;

namespace ExperimentHub.Engine.Tests;

internal static class TorchSetup
{
    /// <summary>As in every worker: threads that spin while they wait make tiny models a hundred times slower on a busy machine.</summary>
    [ModuleInitializer]
    internal static void WaitPassively() => TorchThreads.Set(0);
}
