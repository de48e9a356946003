namespace ExperimentHub.Tests;

/// <summary>The reference data that lies beside the repository (<c>../shared</c>, or where EXPERIMENTHUB_SHARED says); tests that need it are skipped without it.</summary>
internal static class Shared
{
    private static readonly string? s_root = Find();

    public static bool Exists => s_root is not null;

    /// <summary>Full path of a file or folder of the reference data; skips the running test when it is not there.</summary>
    public static string Path(params ReadOnlySpan<string> parts)
    {
        if (s_root is null)
        {
            Assert.Skip("The reference data (../shared beside the repository) is not on this machine.");
        }

        return System.IO.Path.Combine([s_root, .. parts]);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("EXPERIMENTHUB_SHARED") is { Length: > 0 } named && Directory.Exists(named))
        {
            return named;
        }

        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "ExperimentHub.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.Parent is { } parent && System.IO.Path.Combine(parent.FullName, "shared") is var shared && Directory.Exists(shared) ? shared : null;
    }
}
