using System.IO.Enumeration;
using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.ModelHubs;
using ExperimentHub.Engine.Models;
using ExperimentHub.Tests.StandIn;

namespace ExperimentHub.Parity.Hub;

/// <summary>Our client in one scenario: each method does what the recorded client did and says what came out differently.</summary>
internal sealed class HubSession(StandInHub hub, JsonElement arguments, string target) : IDisposable
{
    private readonly ModelHubClient _client = new(new ModelHubOptions
    {
        Endpoint = hub.Address,
        Token = arguments.TryGetProperty("token", out var token) ? token.GetString() : null,
        Waits = [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(20), 5)],
    });

    private readonly ModelHubSource _source = new(arguments.GetProperty("repo").GetString()!, arguments.TryGetProperty("revision", out var revision) ? revision.GetString()! : ModelHubSource.MainRevision);

    private bool IsAsRecorded => !_hasExtra;

    private readonly bool _hasExtra = hub.Repositories.Values.Any(r => r.Find("main")!.Files.Values.Any(f => f.Content.Length > 1_000_000));

    public Task<string?> SnapshotAsync(JsonElement expected, JsonElement layout) => TryAsync(expected, async () =>
    {
        var pinned = await PinAsync();
        var files = (await _client.ListAsync(pinned)).Where(f => Wants(f.Path)).ToList();
        foreach (var file in files)
        {
            await FetchAsync(pinned, file);
        }

        return Commit(expected, pinned) ?? Files(layout, pinned, files);
    });

    public Task<string?> FileAsync(JsonElement expected, JsonElement? layout) => TryAsync(expected, async () =>
    {
        var pinned = await PinAsync();
        var path = arguments.GetProperty("file").GetString()!;
        var file = (await _client.ListAsync(pinned)).FirstOrDefault(f => f.Path == path) ?? new ModelHubFile(path, 1, "", null);
        await FetchAsync(pinned, file);
        return Commit(expected, pinned) ?? (layout is { } l ? Files(l, pinned, [file]) : null);
    });

    public Task<string?> ListingAsync(JsonElement expected) => TryAsync(expected, async () =>
    {
        var pinned = await PinAsync();
        await _client.ListAsync(pinned);
        return expected.GetProperty("value").GetProperty("sha").GetString() == pinned.Revision ? null : $"the commit is {pinned.Revision}";
    });

    public async Task<string?> TreeAsync(JsonElement outcome)
    {
        var pinned = await PinAsync();
        var found = (await _client.ListAsync(pinned)).Select(f => $"{f.Path} {f.Size} {f.GitId} {f.Sha256}").ToList();
        var wanted = outcome.GetProperty("with_blobs").GetProperty("value").EnumerateArray().Select(f => $"{f[0]} {f[1]} {f[2]} {f[3]}").ToList();
        return found.SequenceEqual(wanted) ? null : $"lists {string.Join(", ", found.Except(wanted).Take(3))} instead of {string.Join(", ", wanted.Except(found).Take(3))}";
    }

    /// <summary>An import of all that the model needs, as <c>from_pretrained</c> would load it.</summary>
    public async Task<string?> ModelAsync(JsonElement outcome)
    {
        var plan = await ModelHubDownloads.PlanAsync(_client, _source);
        var folder = await ModelHubDownloads.FetchAsync(_client, plan, target);
        var info = ModelImporter.Import(new ModelImport { From = ModelImport.FromFolder, Path = folder }, Path.Combine(target, "store"));
        return info.Architecture == outcome.GetProperty("config").GetProperty("value").GetString() && info.Tokenizer is not null ? null : $"the model is {info.Architecture}, its tokenizer {info.Tokenizer}";
    }

    public void Dispose() => _client.Dispose();

    private async Task<ModelHubSource> PinAsync() => _source with { Revision = await _client.ResolveAsync(_source) };

    private Task FetchAsync(ModelHubSource pinned, ModelHubFile file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(target, file.Path))!);
        return new ModelHubDownload(_client, pinned, target, _ => { }).FetchAsync(file, CancellationToken.None);
    }

    private bool Wants(string path) =>
        (!arguments.TryGetProperty("allow", out var allow) || allow.EnumerateArray().Any(p => FileSystemName.MatchesSimpleExpression(p.GetString(), path, ignoreCase: false)))
        && !(arguments.TryGetProperty("ignore", out var ignore) && ignore.EnumerateArray().Any(p => FileSystemName.MatchesSimpleExpression(p.GetString(), path, ignoreCase: false)));

    private string? Commit(JsonElement expected, ModelHubSource pinned) =>
        IsAsRecorded && expected.GetProperty("value").GetString() is { } folder && folder.Contains("/snapshots/", StringComparison.Ordinal) && !folder.Contains(pinned.Revision, StringComparison.Ordinal)
            ? $"the commit is {pinned.Revision} instead of the one of {folder}"
            : null;

    /// <summary>The recorded cache names each content by its checksum, which our files were held against.</summary>
    private string? Files(JsonElement layout, ModelHubSource pinned, List<ModelHubFile> files)
    {
        var place = $"/snapshots/{pinned.Revision}/";
        var wanted = layout.EnumerateArray().Select(e => (Path: e.GetProperty("path").GetString()!, Link: e.TryGetProperty("link", out var link) ? link.GetString()!.Split('/')[^1] : null))
            .Where(e => e.Link is not null && e.Path.Contains(place, StringComparison.Ordinal))
            .Select(e => $"{e.Path[(e.Path.IndexOf(place, StringComparison.Ordinal) + place.Length)..]} {e.Link}").Order(StringComparer.Ordinal).ToList();
        var found = files.Where(f => File.Exists(Path.Combine(target, f.Path))).Select(f => $"{f.Path} {f.Sha256 ?? f.GitId}").Order(StringComparer.Ordinal).ToList();
        var isLocal = layout.EnumerateArray().All(e => !e.TryGetProperty("link", out _));
        return !IsAsRecorded || isLocal ? (found.Count == files.Count ? null : $"{found.Count} of {files.Count} files are there")
            : found.SequenceEqual(wanted) ? null
            : $"has {string.Join(", ", found.Except(wanted).Take(3))} instead of {string.Join(", ", wanted.Except(found).Take(3))}";
    }

    private static async Task<string?> TryAsync(JsonElement expected, Func<Task<string?>> run)
    {
        var isFine = expected.GetProperty("ok").GetBoolean();
        try
        {
            var difference = await run();
            return isFine ? difference : $"succeeds instead of failing with {expected.GetProperty("error").GetString()}";
        }
        catch (InputException e)
        {
            return isFine ? $"fails: {e.Message}" : e.Code == Code(expected) ? null : $"fails with {e.Code} instead of {Code(expected)}: {e.Message}";
        }
    }

    private static string Code(JsonElement expected) => (expected.GetProperty("error").GetString(), expected.GetProperty("status").ValueKind == JsonValueKind.Number ? expected.GetProperty("status").GetInt32() : 0) switch
    {
        ("RemoteEntryNotFoundError", _) => "model_hub.no_file",
        ("RevisionNotFoundError", _) => "model_hub.no_revision",
        ("RepositoryNotFoundError", 401) => "model_hub.no_repository",
        ("RepositoryNotFoundError", _) => "model_hub.not_seen",
        ("GatedRepoError", 401) => "model_hub.gated",
        ("GatedRepoError", _) => "model_hub.not_on_list",
        ("LocalEntryNotFoundError", _) => "model_hub.busy",
        _ => "model_hub.token",
    };
}
