using System.IO.Compression;
using System.Text.Json;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Tokenizers;

/// <summary>Damaged and malicious tokenizer files (shared/hostile, group tokenizer) of the kinds that are read here.</summary>
public sealed class HostileTokenizerTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    public static TheoryData<string> Cases()
    {
        var cases = new TheoryData<string>();
        var lines = Shared.Exists ? File.ReadLines(Shared.Path("hostile/index.jsonl")) : [];
        foreach (var entry in lines.Select(l => JsonDocument.Parse(l).RootElement))
        {
            if (entry.GetProperty("kind").GetString() == "tokenizer" && entry.GetProperty("base").GetString() == "base/encoder")
            {
                cases.Add(entry.GetProperty("id").GetString()!);
            }
        }

        if (!Shared.Exists)
        {
            cases.Add("none");
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Load_RefusesWithOneSentenceOrReadsRight(string id)
    {
        var hostile = Shared.Path("hostile");
        var entry = File.ReadLines(Path.Combine(hostile, "index.jsonl")).Select(l => JsonDocument.Parse(l).RootElement)
            .Single(e => e.GetProperty("id").GetString() == id);
        LayOut(hostile, entry);
        var allowed = new List<string> { entry.GetProperty("expect").GetString()! };
        if (entry.TryGetProperty("also_ok", out var also))
        {
            allowed.AddRange(also.EnumerateArray().Select(e => e.GetString()!));
        }

        string outcome;
        var message = "";
        int[]? ids = null;
        try
        {
            var tokenizer = Tokenizer.Load(_directory.FullName);
            ids = entry.TryGetProperty("encode", out var encode) ? tokenizer.Encode(TextOf(encode)).Ids : null;
            message = string.Join(' ', tokenizer.Warnings);
            outcome = tokenizer.Warnings.Count > 0 ? "accept_with_warning" : "accept";
        }
        catch (InputException e)
        {
            outcome = "refuse";
            message = e.Message;
        }

        Assert.True(allowed.Contains(outcome), $"{outcome}: {message}");
        if (outcome != "accept")
        {
            Assert.All(entry.GetProperty("must_name").EnumerateArray(), name =>
                Assert.True(name.GetString()!.Split('|').Any(n => message.Contains(n, StringComparison.OrdinalIgnoreCase)), $"{message} does not name {name}"));
            Assert.DoesNotContain(_directory.FullName, message);
        }

        if (outcome != "refuse" && entry.TryGetProperty("facts", out var facts) && facts.TryGetProperty("ids", out var expected))
        {
            Assert.Equal(expected.EnumerateArray().Select(e => e.GetInt32()), ids!);
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static string TextOf(JsonElement encode) => encode.ValueKind == JsonValueKind.String
        ? encode.GetString()!
        : string.Concat(Enumerable.Repeat(encode.GetProperty("repeat").GetString()!, encode.GetProperty("times").GetInt32()));

    private void LayOut(string hostile, JsonElement entry)
    {
        var without = entry.TryGetProperty("without", out var list) ? list.EnumerateArray().Select(e => e.GetString()!).ToHashSet() : [];
        foreach (var file in Directory.EnumerateFiles(Path.Combine(hostile, entry.GetProperty("base").GetString()!)))
        {
            if (!without.Contains(Path.GetFileName(file)))
            {
                File.Copy(file, Path.Combine(_directory.FullName, Path.GetFileName(file)));
            }
        }

        var path = Path.Combine(hostile, entry.GetProperty("path").GetString()!);
        if (Directory.Exists(path))
        {
            foreach (var file in Directory.EnumerateFiles(path))
            {
                File.Copy(file, Path.Combine(_directory.FullName, Path.GetFileName(file)), overwrite: true);
            }

            return;
        }

        var target = Path.Combine(_directory.FullName, entry.TryGetProperty("as", out var name) ? name.GetString()! : Path.GetFileName(path));
        File.Delete(target);
        using var source = File.OpenRead(path);
        using var unpacked = entry.TryGetProperty("unpack", out _) ? new GZipStream(source, CompressionMode.Decompress) : (Stream)source;
        using var written = File.Create(target);
        unpacked.CopyTo(written);
    }
}
