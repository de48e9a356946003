using System.Globalization;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>The folders <c>step-000123</c> of a run; under any other name lies what was never finished.</summary>
public static class CheckpointNames
{
    private const string Prefix = "step-";

    public static string Of(long step) => Prefix + step.ToString("000000", CultureInfo.InvariantCulture);

    /// <summary>The checkpoints in a folder, the latest step first; none when there is no such folder.</summary>
    public static IReadOnlyList<string> In(string folder) =>
        !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateDirectories(folder).Select(Path.GetFileName).OfType<string>()
                .Select(name => (Name: name, Step: StepOf(name))).Where(c => c.Step is not null).OrderByDescending(c => c.Step).Select(c => c.Name)];

    private static long? StepOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            ? step
            : null;
}
