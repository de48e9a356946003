using System.Diagnostics;

namespace ExperimentHub.Engine.Tests;

/// <summary>Runs a program that is built beside these tests, in a process of its own.</summary>
internal static class Companion
{
    /// <returns>Its exit code, and all that it wrote.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string name, params string[] arguments)
    {
        var program = Find(name);
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }

    /// <summary>Under the same configuration; a program without libtorch has no runtime identifier in its folder.</summary>
    private static string Find(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        var programs = Path.Combine(folder.Parent!.Parent!.FullName, name);
        var beside = Path.Combine(programs, folder.Name, name + ".dll");
        return File.Exists(beside) ? beside : Path.Combine(programs, folder.Name.Split('_')[0], name + ".dll");
    }
}
