using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;
using Microsoft.Data.Sqlite;

namespace ExperimentHub.Web.Administration.Backups;

/// <summary>What a backup holds, as its <c>backup.json</c> says.</summary>
public sealed record BackupInfo(int Format, DateTime CreatedAt, int Files, long Bytes);

/// <summary>
/// A copy of a data directory that is made while the hub and its workers go on, and the way back. The metrics are copied before the rows
/// that refer to them, and the files last: so a file is never older than what the databases know of it, and the rest is read from it.
/// </summary>
internal static class BackupFolder
{
    public const string Manifest = "backup.json";

    /// <summary>Holds a restore that is under way; a hub does not start on it.</summary>
    public const string Restoring = "restore.part";

    private const int Format = 1;
    private const string HubDatabase = "hub.db";
    private const string MetricsDatabase = "metrics.db";

    /// <summary>Runs come before the store, into which their models are moved. Uploads on their way are left out.</summary>
    private static readonly string[] s_folders = ["runs", "jobs", "store", "keys"];

    /// <summary>Makes the folder <paramref name="target"/>, whole or not at all.</summary>
    /// <exception cref="InputException">The folder cannot be used, or there is no hub's data.</exception>
    public static BackupInfo Write(string root, string target, CancellationToken cancellationToken)
    {
        CheckTarget(root, target);
        target = Path.GetFullPath(target).TrimEnd(Path.DirectorySeparatorChar);
        var temporary = target + ".part";
        try
        {
            DeleteFolder(temporary);
            Directory.CreateDirectory(temporary);
            var tally = new Tally(cancellationToken);
            tally.Snapshot(Path.Combine(root, MetricsDatabase), Path.Combine(temporary, MetricsDatabase));
            tally.Snapshot(Path.Combine(root, HubDatabase), Path.Combine(temporary, HubDatabase));
            foreach (var folder in s_folders)
            {
                tally.CopyFolder(Path.Combine(root, folder), Path.Combine(temporary, folder));
            }

            var info = new BackupInfo(Format, DateTime.UtcNow, tally.Files, tally.Bytes);
            AtomicFile.WriteAllText(Path.Combine(temporary, Manifest), JsonSerializer.Serialize(info, WireJson.Indented));
            DeleteFolder(target);   // it was empty
            AtomicFile.MoveDirectory(temporary, target);
            return info;
        }
        catch (Exception e)
        {
            TryDelete(temporary);
            throw e is IOException or UnauthorizedAccessException or SqliteException
                ? new InputException($"The backup could not be written ({Why(e)}); check the disk and the permissions of the folder.", "backup.not_written")
                : e;
        }
    }

    /// <summary>Makes the data directory <paramref name="root"/> of a backup. Runs that trained while it was made are to be resumed.</summary>
    /// <exception cref="InputException">There is no whole backup, or the directory is not empty.</exception>
    public static BackupInfo Restore(string source, string root, CancellationToken cancellationToken)
    {
        var info = ReadManifest(source);
        if (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any())
        {
            throw new InputException($"The data directory {root} is not empty; restore into a new one with --ExperimentHub:DataDirectory=FOLDER.", "restore.not_empty");
        }

        // 1. If we die before the last line, the folder stands there and tells the next hub that this is no data directory.
        var part = Directory.CreateDirectory(Path.Combine(root, Restoring)).FullName;
        var tally = new Tally(cancellationToken);
        tally.CopyFolder(source, part);
        if (tally.Files - 1 != info.Files || tally.Bytes - new FileInfo(Path.Combine(source, Manifest)).Length != info.Bytes)
        {
            Directory.Delete(part, recursive: true);
            throw new InputException($"The backup {source} is not whole: it has {tally.Files - 1} of {info.Files} files; take another one.", "restore.not_whole");
        }

        File.Delete(Path.Combine(part, Manifest));
        RestoredAttempts.Release(part);
        foreach (var entry in new DirectoryInfo(part).EnumerateFileSystemInfos().ToList())
        {
            Directory.Move(entry.FullName, Path.Combine(root, entry.Name));
        }

        AtomicFile.FlushDirectory(root);
        Directory.Delete(part);
        return info;
    }

    private static BackupInfo ReadManifest(string source)
    {
        try
        {
            var info = JsonSerializer.Deserialize<BackupInfo>(File.ReadAllText(Path.Combine(source, Manifest)), WireJson.Options) ?? throw new JsonException();
            return info.Format <= Format
                ? info
                : throw new InputException($"The backup {source} was made by a newer ExperimentHub; restore it with that version.", "restore.newer");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{source} is not a whole backup: it has no valid {Manifest}.", "restore.no_backup");
        }
    }

    private static void CheckTarget(string root, string target)
    {
        if (!Path.IsPathFullyQualified(target))
        {
            throw new InputException("Name the folder of the backup with its full path, such as /srv/backups/monday.", "backup.not_absolute");
        }

        if (!File.Exists(Path.Combine(root, HubDatabase)))
        {
            throw new InputException($"There is no hub's data in {root}; name the directory with --ExperimentHub:DataDirectory=FOLDER.", "backup.no_data");
        }

        if ((Path.GetFullPath(target) + Path.DirectorySeparatorChar).StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new InputException("The backup must lie outside the data directory; name another folder.", "backup.inside");
        }

        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new InputException("The folder of the backup must be new or empty; name another folder.", "backup.not_empty");
        }
    }

    private static string Why(Exception e) => Data.StoreFault.Of(e)?.Code switch
    {
        "store.full" => "the disk is full",
        "store.locked" => "a database is locked",
        _ => "a file could not be read or written",
    };

    private static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            DeleteFolder(path);
        }
        catch (IOException)
        {
            // The fault that is told is the first one; the folder is named .part.
        }
        catch (UnauthorizedAccessException)
        {
            // Likewise.
        }
    }

    /// <summary>Copies, and counts what was copied.</summary>
    private sealed class Tally(CancellationToken cancellationToken)
    {
        public int Files { get; private set; }

        public long Bytes { get; private set; }

        public void Snapshot(string source, string target)
        {
            using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString()))
            {
                connection.Open();
                using var command = connection.CreateCommand();
                command.CommandText = "PRAGMA busy_timeout=30000; VACUUM INTO $target";
                command.Parameters.AddWithValue("$target", target);
                command.ExecuteNonQuery();
            }

            using var file = new FileStream(target, FileMode.Open, FileAccess.ReadWrite);
            file.Flush(flushToDisk: true);
            Count(file.Length);
        }

        /// <summary>Workers write and delete meanwhile: what vanishes is left out, and so is what is not finished.</summary>
        public void CopyFolder(string source, string target)
        {
            Directory.CreateDirectory(target);
            var (files, bytes) = (Files, Bytes);
            try
            {
                foreach (var entry in new DirectoryInfo(source).EnumerateFileSystemInfos())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var copy = Path.Combine(target, entry.Name);
                    if (entry.LinkTarget is not null || entry.Extension is ".tmp" or ".old")
                    {
                        continue;
                    }

                    if (entry is DirectoryInfo)
                    {
                        CopyFolder(entry.FullName, copy);
                    }
                    else
                    {
                        CopyFile(entry.FullName, copy);
                    }
                }
            }
            catch (DirectoryNotFoundException)
            {
                // It was deleted at this moment.
            }

            if (!Directory.Exists(source))
            {
                Directory.Delete(target, recursive: true);
                (Files, Bytes) = (files, bytes);
            }
        }

        private void CopyFile(string source, string target)
        {
            try
            {
                using var from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20, FileOptions.SequentialScan);
                using var to = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
                from.CopyTo(to);
                to.Flush(flushToDisk: true);
                Count(to.Length);
            }
            catch (FileNotFoundException)
            {
                // It was deleted at this moment.
            }
        }

        private void Count(long bytes) => (Files, Bytes) = (Files + 1, Bytes + bytes);
    }
}
