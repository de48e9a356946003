using System.IO.Compression;
using System.Text.Json;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Datasets;

/// <summary>Damaged and malicious uploads (shared/hostile, kinds dataset and archive), imported to the end.</summary>
public sealed class HostileDatasetTests : IDisposable
{
    /// <summary>Formats of other tasks than classification, which are refused by name for now.</summary>
    private static readonly string[] s_otherFormats = [".parquet", ".conll", ".tar", "squad.json", "chat.jsonl"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    public static TheoryData<string> Cases()
    {
        var cases = new TheoryData<string>();
        foreach (var entry in Shared.Exists ? Entries() : [])
        {
            var isData = entry.GetProperty("kind").GetString() == "dataset" ||
                (entry.GetProperty("kind").GetString() == "archive" && entry.GetProperty("import_as").GetString() == "dataset");
            if (isData && !s_otherFormats.Any(f => NameOf(entry).EndsWith(f, StringComparison.Ordinal)))
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
    public async Task ImportAsync_RefusesWithOneSentenceOrKeepsTheRows(string id)
    {
        var hostile = Shared.Path("hostile");
        var entry = Entries().Single(e => e.GetProperty("id").GetString() == id);
        var file = Path.Combine(_directory.FullName, "upload");
        using (var source = File.OpenRead(Path.Combine(hostile, entry.GetProperty("path").GetString()!)))
        using (var unpacked = entry.TryGetProperty("unpack", out _) ? new GZipStream(source, CompressionMode.Decompress) : (Stream)source)
        using (var written = File.Create(file))
        {
            unpacked.CopyTo(written);
        }

        var allowed = new List<string> { entry.GetProperty("expect").GetString()! };
        allowed.AddRange(entry.TryGetProperty("also_ok", out var also) ? also.EnumerateArray().Select(e => e.GetString()!) : []);
        var store = Path.Combine(_directory.FullName, "store");
        string outcome;
        var message = "";
        DatasetInfo? info = null;
        try
        {
            info = await DatasetImporter.ImportAsync(new DatasetImport { File = file, FileName = NameOf(entry) }, store);
            outcome = info.Warnings.Count > 0 ? "accept_with_warning" : "accept";
            message = string.Join(' ', info.Warnings);
            Assert.Equal(info.ProblemRows, File.ReadLines(Path.Combine(store, "datasets", info.Hash, DatasetInfo.ProblemsFileName)).Count());
        }
        catch (InputException e)
        {
            outcome = "refuse";
            message = e.Message;
            Assert.False(Directory.Exists(Path.Combine(store, "datasets")) && Directory.EnumerateFileSystemEntries(Path.Combine(store, "datasets")).Any(), "something was left behind");
        }

        Assert.True(allowed.Contains(outcome) || (outcome == "accept_with_warning" && allowed.Contains("accept")), $"{outcome}: {message}");
        Assert.DoesNotContain(_directory.FullName, message);
        Assert.DoesNotContain(message, char.IsControl);
        foreach (var hidden in entry.TryGetProperty("must_not_show", out var list) ? list.EnumerateArray() : [])
        {
            Assert.DoesNotContain(hidden.GetString()!, message, StringComparison.Ordinal);
        }

        if (outcome == "refuse" || allowed[0] == "accept_with_warning" && outcome == "accept_with_warning")
        {
            Assert.All(entry.GetProperty("must_name").EnumerateArray(), name =>
                Assert.True(name.GetString()!.Split('|').Any(n => message.Contains(n, StringComparison.OrdinalIgnoreCase)), $"'{message}' does not name {name}"));
        }

        if (info is not null && entry.TryGetProperty("facts", out var facts))
        {
            if (facts.TryGetProperty("rows_kept", out var kept))
            {
                var accepted = kept.ValueKind == JsonValueKind.Array ? kept.EnumerateArray().Select(k => k.GetInt64()) : [kept.GetInt64()];
                Assert.Contains(info.Rows, accepted);
            }

            if (facts.TryGetProperty("last_text", out var last))
            {
                var reader = await DatasetReader.OpenAsync(Path.Combine(store, "datasets", info.Hash));
                Assert.Equal(last.GetString(), (await reader.ReadRowsAsync([info.Rows - 1]))[0].Text);
            }
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static IEnumerable<JsonElement> Entries() =>
        File.ReadLines(Shared.Path("hostile/index.jsonl")).Select(l => JsonDocument.Parse(l).RootElement);

    private static string NameOf(JsonElement entry) =>
        entry.TryGetProperty("upload_name", out var upload) ? upload.GetString()!
        : entry.TryGetProperty("as", out var name) ? name.GetString()!
        : Path.GetFileName(entry.GetProperty("path").GetString()!);
}
