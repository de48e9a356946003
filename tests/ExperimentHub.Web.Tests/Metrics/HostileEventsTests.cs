using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Tests;
using ExperimentHub.Web.Metrics;

namespace ExperimentHub.Web.Tests.Metrics;

/// <summary>Events files of a hostile or broken worker: the cases of kind <c>protocol</c> that are events.</summary>
public sealed class HostileEventsTests
{
    public static TheoryData<string> Cases()
    {
        var data = new TheoryData<string>();
        if (!Shared.Exists)
        {
            data.Add("");
            return data;
        }

        foreach (var line in File.ReadLines(Shared.Path("hostile", "index.jsonl")))
        {
            var c = JsonNode.Parse(line)!;
            if ((string?)c["kind"] == "protocol" && (string?)c["as"] != "control.jsonl")
            {
                data.Add((string)c["id"]!);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Parse_KeepsWhatIsGood_AndSaysWhatIsNot(string id)
    {
        var hostile = Shared.Path("hostile");
        var c = File.ReadLines(Path.Combine(hostile, "index.jsonl")).Select(l => JsonNode.Parse(l)!).First(n => (string?)n["id"] == id);
        var path = Path.Combine(hostile, (string)c["path"]!);
        var isFolder = Directory.Exists(path);
        var first = Load(isFolder ? Path.Combine(path, "events.jsonl") : path);

        var batch = EventParser.Parse(new AttemptKey(1, 1, 1), "token", ReadPosition.Start, first);
        var events = batch.Events.ToList();
        if (isFolder)
        {
            byte[] whole = [.. first, .. Load(Path.Combine(path, "rest.jsonl"))];
            events.AddRange(EventParser.Parse(new AttemptKey(1, 1, 1), "token", batch.Position, whole.AsSpan((int)batch.Position.Offset)).Events);
        }

        var facts = c["facts"]!;
        var wanted = facts["points_after_rest"] ?? facts["points"];
        var allowed = wanted is JsonArray many ? many.Select(n => (int)n!).ToList() : [(int)wanted!];
        Assert.Contains(events.OfType<MetricsEvent>().Count(m => m.Values.ContainsKey((string)facts["name"]!)), allowed);
        Assert.Equal((bool?)(facts["finished_after_rest"] ?? facts["finished"]) ?? false, events.OfType<FinishedEvent>().Any());
        var warnings = string.Join('\n', events.OfType<LogEvent>().Where(l => l.Level == "warning").Select(l => l.Text));
        if ((string?)c["expect"] == "accept_with_warning" && !(c["also_ok"]?.AsArray().Any(o => (string?)o == "accept") ?? false))
        {
            Assert.NotEmpty(warnings);
            Assert.All(c["must_name"]!.AsArray(), name => Assert.Contains((string)name!, warnings, StringComparison.OrdinalIgnoreCase));
        }

        foreach (var forbidden in c["must_not_show"]?.AsArray() ?? [])
        {
            Assert.DoesNotContain((string)forbidden!, string.Concat(events.OfType<MetricsEvent>().SelectMany(m => m.Values.Keys)) + warnings, StringComparison.Ordinal);
        }
    }

    /// <summary>The neutral names of the pack in our own words.</summary>
    private static byte[] Load(string path)
    {
        using var file = File.OpenRead(path);
        using var content = new MemoryStream();
        if (path.EndsWith(".gz", StringComparison.Ordinal))
        {
            using var gzip = new GZipStream(file, CompressionMode.Decompress);
            gzip.CopyTo(content);
        }
        else
        {
            file.CopyTo(content);
        }

        var text = Encoding.Latin1.GetString(content.ToArray()).Replace("@@TOKEN@@", "token", StringComparison.Ordinal).Replace("@@OLD_TOKEN@@", "old", StringComparison.Ordinal);
        return Encoding.Latin1.GetBytes(text.Replace("\"@", "\"", StringComparison.Ordinal));
    }
}
