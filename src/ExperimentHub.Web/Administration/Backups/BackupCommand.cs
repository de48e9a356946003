using System.Globalization;
using ExperimentHub.Engine;
using ExperimentHub.Web.Data;

namespace ExperimentHub.Web.Administration.Backups;

/// <summary><c>--backup FOLDER</c> and <c>--restore FOLDER</c> of the command line: done instead of starting the hub; a hub that runs goes on.</summary>
internal sealed record BackupCommand(string? Backup, string? Restore)
{
    /// <summary>Takes the two switches out, so that what is left is only settings.</summary>
    public static (BackupCommand? Command, string[] Settings) Parse(string[] args)
    {
        var settings = new List<string>(args);
        var command = new BackupCommand(Take(settings, "--backup"), Take(settings, "--restore"));
        return (command is { Backup: null, Restore: null } ? null : command, [.. settings]);
    }

    /// <summary>Returns the exit code.</summary>
    public int Run(string root)
    {
        try
        {
            if (Restore is not null)
            {
                var restored = BackupFolder.Restore(Path.GetFullPath(Restore), root, CancellationToken.None);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Restored {restored.Files} files of {restored.CreatedAt:yyyy-MM-dd HH:mm} UTC into {root}."));
                return 0;
            }

            var made = BackupFolder.Write(root, Path.GetFullPath(Backup!), CancellationToken.None);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Wrote {made.Files} files, {made.Bytes >> 20} MB, to {Path.GetFullPath(Backup!)}."));
            return 0;
        }
        catch (InputException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{(StoreFault.Of(e) is { } fault ? fault.Message : e.Message)} Nothing was started.");
            return 1;
        }
    }

    private static string? Take(List<string> args, string name)
    {
        var at = args.FindIndex(a => a == name || a.StartsWith(name + "=", StringComparison.Ordinal));
        if (at < 0)
        {
            return null;
        }

        var joined = args[at].Length > name.Length;
        var value = joined ? args[at][(name.Length + 1)..] : args.ElementAtOrDefault(at + 1) ?? "";
        args.RemoveRange(at, joined || at + 1 == args.Count ? 1 : 2);
        return value;
    }
}
