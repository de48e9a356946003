namespace ExperimentHub.Web.Demo;

/// <summary>The switches of the command line that are not settings: <c>--demo</c>, and with it <c>--exit</c>.</summary>
internal sealed record DemoOptions(bool Demo, bool Exit)
{
    /// <summary>Takes the switches out, so that what is left is only settings.</summary>
    public static (DemoOptions Options, string[] Settings) Parse(string[] args) =>
        (new DemoOptions(args.Contains("--demo"), args.Contains("--exit")), [.. args.Where(a => a is not "--demo" and not "--exit")]);
}
