using System.Runtime.InteropServices;

namespace ExperimentHub.Engine.Protocol;

/// <summary>The few calls of the C library that .NET does not wrap.</summary>
internal static partial class Posix
{
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    internal static partial int MAdvise(nint address, nint length, int advice);

    /// <summary>Environment.SetEnvironmentVariable does not reach native libraries; they ask the C library.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int SetEnvironment(string name, string value, int overwrite);
}
