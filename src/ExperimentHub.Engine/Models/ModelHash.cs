using System.Text;

namespace ExperimentHub.Engine.Models;

/// <summary>
/// The content hash of a model folder: SHA-256 over the lines <c>SHA256 NAME</c> of its files (relative names with slashes, in ordinal
/// order), <c>model_info.json</c> left out, as that one is derived from the others.
/// </summary>
public static class ModelHash
{
    public const string InfoFile = "model_info.json";

    public static string OfFolder(string folder)
    {
        var names = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))
            .Where(n => n != InfoFile)
            .Order(StringComparer.Ordinal);
        var lines = new StringBuilder();
        foreach (var name in names)
        {
            lines.Append(ContentHash.OfFile(Path.Combine(folder, name))).Append(' ').Append(name).Append('\n');
        }

        return ContentHash.Of(Encoding.UTF8.GetBytes(lines.ToString()));
    }
}
