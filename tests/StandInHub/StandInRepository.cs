using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ExperimentHub.Tests.StandIn;

/// <summary>A file of a repository, with the ids that a hub gives it.</summary>
internal sealed class StandInFile
{
    private static readonly string[] s_storedApart = [".safetensors", ".bin", ".h5", ".onnx", ".msgpack", ".pt", ".model", ".gz", ".zip"];

    public StandInFile(string path, byte[] content)
    {
        Path = path;
        Content = content;
        IsStoredApart = s_storedApart.Contains(System.IO.Path.GetExtension(path));
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        Pointer = Encoding.UTF8.GetBytes($"version https://git-lfs.github.com/spec/v1\noid sha256:{Sha256}\nsize {content.Length}\n");
        var stored = IsStoredApart ? Pointer : content;
#pragma warning disable CA5350 // git's ids are what they are
        GitId = Convert.ToHexStringLower(SHA1.HashData([.. Encoding.UTF8.GetBytes($"blob {stored.Length}\0"), .. stored]));
#pragma warning restore CA5350
    }

    public string Path { get; }

    public byte[] Content { get; }

    public bool IsStoredApart { get; }

    public string Sha256 { get; }

    public byte[] Pointer { get; }

    public string GitId { get; }
}

/// <summary>A state of a repository; its id is a hash of what is in it, as the reference server makes it.</summary>
internal sealed class StandInCommit
{
    public StandInCommit(IReadOnlyDictionary<string, StandInFile> files, string title, string author, StandInCommit? parent)
    {
        Files = files;
        var text = string.Join('\n', [parent?.Id ?? "", title, "", author, .. files.Values.OrderBy(f => f.Path, StringComparer.Ordinal).Select(f => $"{f.Path} {f.GitId}")]);
#pragma warning disable CA5350
        Id = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    public IReadOnlyDictionary<string, StandInFile> Files { get; }

    public string Id { get; }
}

/// <summary>A repository from a folder: its files, and <c>.hub.json</c> with who may see it and which further revisions it has.</summary>
internal sealed class StandInRepository
{
    private readonly Dictionary<string, StandInCommit> _revisions = [];

    public StandInRepository(string root, string name, string folder)
    {
        Name = name;
        var settings = Path.Combine(folder, ".hub.json");
        using var json = JsonDocument.Parse(File.Exists(settings) ? File.ReadAllText(settings) : "{}");
        IsPrivate = json.RootElement.TryGetProperty("private", out var hidden) && hidden.GetBoolean();
        IsGated = json.RootElement.TryGetProperty("gated", out _);
        Allowed = json.RootElement.TryGetProperty("allowed", out var allowed) ? [.. allowed.EnumerateArray().Select(a => a.GetString()!)] : [];
        var first = Add("main", new StandInCommit(Read(folder), "initial commit", Owner, null));
        if (json.RootElement.TryGetProperty("revisions", out var revisions))
        {
            foreach (var revision in revisions.EnumerateObject())
            {
                Add(revision.Name, new StandInCommit(Read(Path.Combine(root, revision.Value.GetString()!)), $"revision {revision.Name}", Owner, first));
            }
        }
    }

    public string Name { get; }

    public string Owner => Name.Contains('/') ? Name.Split('/')[0] : "system";

    public bool IsPrivate { get; }

    public bool IsGated { get; }

    public IReadOnlyList<string> Allowed { get; }

    public StandInCommit? Find(string revision) => _revisions.GetValueOrDefault(revision);

    /// <summary>One more file on main.</summary>
    public void Add(StandInFile file)
    {
        var files = new Dictionary<string, StandInFile>(_revisions["main"].Files) { [file.Path] = file };
        Add("main", new StandInCommit(files, "initial commit", Owner, null));
    }

    public bool ShowsTo(string? user) => !IsPrivate || user == Owner;

    public bool OpensTo(string? user) => !IsGated || user == Owner || (user is not null && Allowed.Contains(user));

    private StandInCommit Add(string revision, StandInCommit commit) => _revisions[revision] = _revisions[commit.Id] = commit;

    private static Dictionary<string, StandInFile> Read(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => (Path: Path.GetRelativePath(folder, f).Replace('\\', '/'), File: f))
            .Where(f => !f.Path.StartsWith(".hub", StringComparison.Ordinal))
            .Select(f => new StandInFile(f.Path == "_gitattributes" ? ".gitattributes" : f.Path, File.ReadAllBytes(f.File)))
            .ToDictionary(f => f.Path);
}
