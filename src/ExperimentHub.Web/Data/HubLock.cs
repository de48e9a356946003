using ExperimentHub.Engine;

namespace ExperimentHub.Web.Data;

/// <summary>One hub a data directory: the operating system frees the lock when its holder dies, however it dies.</summary>
internal sealed class HubLock(FileStream file) : IDisposable
{
    /// <exception cref="InputException">Another hub works on this directory.</exception>
    public static HubLock Take(HubPaths paths)
    {
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
