using ExperimentHub.Engine;
using ExperimentHub.Web.Data;

namespace ExperimentHub.Web.Administration.Backups;

/// <summary>Backups that an administrator asks for while the hub runs; one at a time.</summary>
public sealed class BackupService(HubPaths paths) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Makes the folder, whole or not at all. What trains goes on.</summary>
    /// <exception cref="InputException">The folder cannot be used or written.</exception>
    public async Task<BackupInfo> BackupAsync(string folder, CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => BackupFolder.Write(paths.Root, folder.Trim(), cancellationToken), cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();
}
