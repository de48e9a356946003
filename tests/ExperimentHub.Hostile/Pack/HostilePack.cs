using System.IO.Compression;
using System.Text.Json;

namespace ExperimentHub.Hostile.Pack;

/// <summary>A folder of hostile files with their index.</summary>
internal sealed class HostilePack(string folder)
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public string Folder { get; } = Path.GetFullPath(folder);

    public IReadOnlyList<HostileCase> Cases { get; } =
        [.. File.ReadLines(Path.Combine(folder, "index.jsonl")).Where(l => l.Length > 0).Select(l => JsonSerializer.Deserialize<HostileCase>(l, s_json)!)];

    /// <summary>The bytes of a file of the pack, unpacked where it is stored compressed to save space.</summary>
    public Stream Open(string relative, bool unpack)
    {
        var file = File.OpenRead(Path.Combine(Folder, relative));
        return unpack ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    /// <summary>Puts the file of a case to <paramref name="target"/>.</summary>
    public void LayFile(HostileCase hostile, string target)
    {
        using var source = Open(hostile.Path!, hostile.Unpack == "gzip");
        using var written = File.Create(target);
        source.CopyTo(written);
    }

    /// <summary>Makes the folder of a case: its base without what is taken out, and the file or folder over it.</summary>
    public void LayFolder(HostileCase hostile, string target)
    {
        Directory.CreateDirectory(target);
        if (hostile.Base is { } below)
        {
            Copy(Path.Combine(Folder, below), target);
            foreach (var file in hostile.Without)
            {
                File.Delete(Path.Combine(target, file));
            }
        }

        if (hostile.Path is not { } path || hostile.Without.Contains(hostile.As ?? ""))
        {
            return;
        }

        if (Directory.Exists(Path.Combine(Folder, path)))
        {
            Copy(Path.Combine(Folder, path), target);
        }
        else
        {
            LayFile(hostile, Path.Combine(target, hostile.As ?? Path.GetFileName(path)));
        }
    }

    /// <summary>Copies a folder of the pack.</summary>
    public void CopyFolder(string relative, string target)
    {
        Directory.CreateDirectory(target);
        Copy(Path.Combine(Folder, relative), target);
    }

    private static void Copy(string source, string target)
    {
        foreach (var folder in Directory.EnumerateDirectories(source, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(target, Path.GetRelativePath(source, folder)));
        }

        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            // Not File.Copy: the pack may be read-only, and so would the copy.
            using var input = File.OpenRead(file);
            using var output = File.Create(Path.Combine(target, Path.GetRelativePath(source, file)));
            input.CopyTo(output);
        }
    }
}
