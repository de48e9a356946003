using System.IO.Compression;
using System.Text.Json;
using ExperimentHub.Engine.Models;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Checkpoints;

/// <summary>Damaged and malicious weights and configurations: each must be refused in one sentence that names the fault, or work to the end.</summary>
public sealed class HostileModelTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    public static TheoryData<string> Cases() => Shared.Exists
        ? [.. Lines().Select(l => l.GetProperty("id").GetString()!)]
        : ["none"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Inspect_RefusesOrAccepts_AsTheCaseAsks(string id)
    {
        _ = Shared.Path("hostile");
        var line = Lines().Single(l => l.GetProperty("id").GetString() == id);
        Lay(line);
        var allowed = (List<string>)[line.GetProperty("expect").GetString()!];
        if (line.TryGetProperty("also_ok", out var others))
        {
            allowed.AddRange(others.EnumerateArray().Select(o => o.GetString()!));
        }

        try
        {
            var info = ModelFolder.Inspect(_directory.FullName);

            Assert.Contains(allowed, a => a != "refuse");
            Assert.True(info.Parameters > 0);
            if (!allowed.Contains("accept"))
            {
                Assert.NotEmpty(info.Warnings);
                AssertNames(line, string.Join(' ', info.Warnings));
            }
        }
        catch (InputException refusal)
        {
            Assert.Contains("refuse", allowed);
            Assert.True(refusal.Message.Length <= InputException.MaxLength, refusal.Message);
            Assert.DoesNotContain(_directory.FullName, refusal.Message, StringComparison.Ordinal);
            AssertNames(line, refusal.Message);
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static void AssertNames(JsonElement line, string message)
    {
        foreach (var wanted in line.GetProperty("must_name").EnumerateArray().Select(n => n.GetString()!))
        {
            Assert.True(wanted.Split('|').Any(w => message.Contains(w, StringComparison.OrdinalIgnoreCase)), $"'{wanted}' is not in: {message}");
        }
    }

    private static List<JsonElement> Lines() =>
        [
            .. File.ReadLines(Shared.Path("hostile", "index.jsonl"))
                .Select(l => JsonSerializer.Deserialize<JsonElement>(l))
                .Where(l => l.GetProperty("group").GetString() is "safetensors" or "config")
                // Decoders are another architecture.
                .Where(l => l.GetProperty("base").GetString() != "base/decoder"),
        ];

    private void Lay(JsonElement line)
    {
        Copy(Shared.Path("hostile", line.GetProperty("base").GetString()!));
        if (line.TryGetProperty("without", out var without))
        {
            foreach (var file in without.EnumerateArray())
            {
                File.Delete(Path.Combine(_directory.FullName, file.GetString()!));
            }
        }

        var source = Shared.Path("hostile", line.GetProperty("path").GetString()!);
        if (Directory.Exists(source))
        {
            Copy(source);
            return;
        }

        using var input = File.OpenRead(source);
        using var plain = line.TryGetProperty("unpack", out _) ? new GZipStream(input, CompressionMode.Decompress) : (Stream)input;
        using var output = File.Create(Path.Combine(_directory.FullName, line.GetProperty("as").GetString()!));
        plain.CopyTo(output);
    }

    private void Copy(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            using var input = File.OpenRead(file);
            using var output = File.Create(Path.Combine(_directory.FullName, Path.GetFileName(file)));
            input.CopyTo(output);
        }
    }
}
