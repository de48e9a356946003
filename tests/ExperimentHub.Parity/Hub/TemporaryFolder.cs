namespace ExperimentHub.Parity.Hub;

/// <summary>A folder that is gone when the case is over.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("experimenthub-parity-");

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
