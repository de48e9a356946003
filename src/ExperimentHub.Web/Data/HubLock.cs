using ExperimentHub.Engine;
using ExperimentHub.Web.Administration.Backups;

namespace ExperimentHub.Web.Data;

/// <summary>One hub a data directory: the operating system frees the lock when its holder dies, however it dies.</summary>
internal sealed class HubLock(FileStream file) : IDisposable
{
    /// <exception cref="InputException">Another hub works on this directory, or a restore into it was cut.</exception>
    public static HubLock Take(HubPaths paths)
    {
        if (Directory.Exists(Path.Combine(paths.Root, BackupFolder.Restoring)))
        {
            throw new InputException($"A restore into {paths.Root} did not get to its end; delete that directory and restore again.", "restore.not_finished");
        }

        try
        {
            var file = new FileStream(paths.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new HubLock(file);
        }
        catch (IOException)
        {
            throw new InputException(
                $"Another ExperimentHub works on the data directory {paths.Root}; end that one, or start this one with --ExperimentHub:DataDirectory=FOLDER.", "hub.second");
        }
    }

    public void Dispose() => file.Dispose();
}
