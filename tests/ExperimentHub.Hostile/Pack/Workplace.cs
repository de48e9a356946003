namespace ExperimentHub.Hostile.Pack;

/// <summary>
/// The folders of one case: <c>a/b/c/cwd</c>, empty, is the current directory, <c>a/b/c/data</c> the data directory, so that a name
/// with a few <c>..</c> still lands below the root, where it is found.
/// </summary>
internal sealed class Workplace(string root)
{
    public string Root { get; } = root;

    public string Current => Path.Combine(Root, "a", "b", "c", "cwd");

    public string Data => Path.Combine(Root, "a", "b", "c", "data");

    public string Store => Path.Combine(Data, "store");

    /// <summary>Where the product meets the file or folder of the case.</summary>
    public string Input => Path.Combine(Data, "uploads", "1", "data");

    /// <summary>The base model of an adapter.</summary>
    public string Base => Path.Combine(Data, "base");

    public string Attempt => Path.Combine(Data, "jobs", "1", "attempts", "1");

    public void Create()
    {
        foreach (var folder in new[] { Current, Store, Path.GetDirectoryName(Input)!, Attempt })
        {
            Directory.CreateDirectory(folder);
        }
    }

    /// <summary>Where a file of this name lies that nobody should have made; null: nowhere.</summary>
    public string? Find(string marker, string temporary)
    {
        var below = new[] { Root, temporary }.SelectMany(f => Directory.EnumerateFileSystemEntries(f, "*", SearchOption.AllDirectories));
        var beside = new[] { Path.GetTempPath(), "/tmp", "/var/tmp", Path.GetPathRoot(Root)!, Environment.CurrentDirectory, AppContext.BaseDirectory }
            .Distinct().Where(Directory.Exists).SelectMany(f => Directory.EnumerateFileSystemEntries(f));
        return below.Concat(beside).FirstOrDefault(f => Path.GetFileName(f).Contains(marker, StringComparison.Ordinal));
    }

    /// <summary>A file of the case that is still there though it was refused; null: none.</summary>
    public string? Leftover(string temporary)
    {
        var files = new[] { Store, Current, temporary }.SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories));
        var folders = Directory.EnumerateDirectories(Store, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) is not ("datasets" or "models"));
        return files.Concat(folders).FirstOrDefault();
    }
}
