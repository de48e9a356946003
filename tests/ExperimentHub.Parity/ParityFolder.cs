using System.Text.Json;

namespace ExperimentHub.Parity;

/// <summary>A folder of reference values, and where the real files lie that its cases name.</summary>
internal sealed class ParityFolder(string root)
{
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Path of a file or folder below the root, with slashes, as <c>--only</c> and the lines of faults say it.</summary>
    public string Name(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    /// <summary>A file that a case names: one beside it, or one below the folder that holds <c>shared/</c>.</summary>
    /// <returns>null if it is nowhere.</returns>
    public static string? Find(string folder, string name)
    {
        if (Path.Combine(folder, name) is var beside && Path.Exists(beside))
        {
            return beside;
        }

        // Another pack of the same form may lie elsewhere; the files it shares with this one lie where the program was built.
        return Above(folder, name) ?? Above(AppContext.BaseDirectory, name) ?? Above(Directory.GetCurrentDirectory(), name);
    }

    /// <summary>The objects of a <c>.jsonl</c> file. Lines end at <c>\n</c> alone: other separators stand inside strings.</summary>
    public static IEnumerable<(int Line, JsonElement Value)> Lines(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        var number = 0;
        foreach (var line in File.ReadAllText(path).Split('\n'))
        {
            number++;
            if (line.Length > 0)
            {
                using var document = JsonDocument.Parse(line);
                yield return (number, document.RootElement.Clone());
            }
        }
    }

    private static string? Above(string start, string name)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (Path.Combine(folder.FullName, name) is var path && Path.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
