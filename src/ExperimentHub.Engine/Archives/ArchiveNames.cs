using System.Text;

namespace ExperimentHub.Engine.Archives;

/// <summary>Names of entries in archives: text from a stranger that must never lead out of a folder.</summary>
internal static class ArchiveNames
{
    private const int LongestName = 1024;

    /// <exception cref="InputException">The name is absolute, leaves its folder, or is no name on some system.</exception>
    internal static void Check(string archive, string entry)
    {
        if (entry.Length is 0 or > LongestName || entry.Any(c => char.IsControl(c) || c == '\uFFFD'))
        {
            throw new InputException($"{archive} has an entry whose name is no file name: '{InputException.Quote(entry)}'.", "archive.name", archive, InputException.Quote(entry));
        }

        // Look-alikes of dots and slashes become real ones in a normal form that some file systems apply.
        foreach (var name in new[] { entry, Plain(entry) })
        {
            var parts = name.Split('/', '\\');
            var leaves = parts.Any(p => p is ".." or ".") || name.StartsWith('/') || name.Contains('\\', StringComparison.Ordinal) || name.Contains(':', StringComparison.Ordinal);
            if (leaves || parts.SkipLast(1).Any(p => p.Length == 0))
            {
                throw new InputException(
                    $"{archive}: the name '{InputException.Quote(entry)}' leads out of the folder; pack it again with plain names.", "archive.path", archive, InputException.Quote(entry));
            }
        }
    }

    private static string Plain(string name) =>
        name.Normalize(NormalizationForm.FormKC).Replace('\u2215', '/').Replace('\u2044', '/').Replace('\u29F8', '/').Replace('\u29F9', '\\').Replace('\uFE68', '\\');

    /// <summary>What systems put beside people's files.</summary>
    internal static bool IsClutter(string entry) =>
        entry.StartsWith("__MACOSX/", StringComparison.Ordinal) ||
        entry.Split('/')[^1] is ".DS_Store" or "Thumbs.db" or "desktop.ini" ||
        entry.Split('/')[^1].StartsWith("._", StringComparison.Ordinal);
}
