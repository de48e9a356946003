using System.Text.Json;
using System.Text.RegularExpressions;
using ExperimentHub.Tests.StandIn;

namespace ExperimentHub.Parity.Hub;

/// <summary>
/// What Hugging Face's own clients were seen to end with, asked of ours: the same commits, files and faults. A stand-in of the hub runs in this
/// process over the recorded repositories.
/// </summary>
internal static partial class HubArea
{
    private const string Scenarios = "outcomes.json";

    private static readonly string[] s_downloads = ["snapshot", "local_dir", "file", "auth", "info", "transformers"];

    public static void Run(ParityFolder folder, string path, Tally tally)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, Scenarios)));
        foreach (var scenario in json.RootElement.EnumerateObject())
        {
            var name = $"{folder.Name(path)}/{scenario.Name}";
            var client = scenario.Value.GetProperty("client").GetString()!;
            if (!s_downloads.Contains(client) || (scenario.Value.GetProperty("arguments").TryGetProperty("repo_type", out _)))
            {
                tally.Skip(name, "uploading to a hub, its search and its data sets come with the issues that build them");
            }
            else
            {
                tally.Case(name, () => CompareAsync(path, client, scenario.Value).GetAwaiter().GetResult());
            }
        }
    }

    private static async Task<string?> CompareAsync(string path, string client, JsonElement scenario)
    {
        await using var hub = await StandInHub.StartAsync(Path.Combine(path, "repos"), scenario.TryGetProperty("page_size", out var size) ? size.GetInt32() : 1000);
        Prepare(hub, scenario);
        var arguments = scenario.GetProperty("arguments");
        using var target = new TemporaryFolder();
        using var session = new HubSession(hub, arguments, target.Path);
        var outcome = scenario.GetProperty("outcome");
        var difference = client switch
        {
            "auth" => await session.ListingAsync(outcome.GetProperty("info")) ?? await session.FileAsync(outcome.GetProperty("file"), layout: null),
            "info" => await session.TreeAsync(outcome),
            "file" => await session.FileAsync(outcome.GetProperty("first"), outcome.GetProperty("layout")),
            "transformers" => await session.ModelAsync(outcome),
            _ => await session.SnapshotAsync(outcome.GetProperty("first"), outcome.GetProperty("layout")),
        };
        return difference ?? Misbehaviour(hub, scenario);
    }

    private static void Prepare(StandInHub hub, JsonElement scenario)
    {
        if (scenario.TryGetProperty("extra_files", out var extra))
        {
            foreach (var file in extra.EnumerateObject())
            {
                var (repository, path) = (ExtraFile().Match(file.Name).Groups[1].Value, ExtraFile().Match(file.Name).Groups[2].Value);
                var content = new byte[file.Value.GetInt32()];
                new Random(1).NextBytes(content);
                hub.Repositories[repository].Add(new StandInFile(path, content));
            }
        }

        foreach (var fault in scenario.TryGetProperty("faults", out var faults) ? faults.EnumerateArray().ToList() : [])
        {
            hub.Faults.Add(new StandInFault(
                fault.GetProperty("path").GetString()!,
                fault.GetProperty("times").GetInt32(),
                fault.TryGetProperty("status", out var status) ? status.GetInt32() : 0,
                fault.TryGetProperty("cut_after", out var cut) ? cut.GetInt32() : -1,
                fault.TryGetProperty("headers", out var headers) ? headers.GetProperty("Retry-After").GetString() : null));
        }
    }

    /// <summary>What a hub does not forgive, and what a download that was cut off should have asked for.</summary>
    private static string? Misbehaviour(StandInHub hub, JsonElement scenario)
    {
        var wasCut = scenario.TryGetProperty("faults", out var faults) && faults.EnumerateArray().Any(f => f.TryGetProperty("cut_after", out _));
        return hub.Requests.FirstOrDefault(r => r.ToStorage && r.HasAuthorization) is { } leak ? $"the token went to {leak.Path}"
            : wasCut && !hub.Requests.Any(r => r.Status == 206) ? "a download that was cut off began anew"
            : null;
    }

    [GeneratedRegex(@"\Amodels/([^/]+/[^/]+)/(.+)\z")]
    private static partial Regex ExtraFile();
}
