using ExperimentHub.Engine;
using ExperimentHub.Engine.ModelHubs;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Uploads;
using ExperimentHub.Web.Workers;

namespace ExperimentHub.Web.Models;

/// <summary>Queues the jobs that bring a model: a folder, an archive, a model hub, or the starter. Who may call is decided by the caller.</summary>
public sealed class ModelImports(JobService jobs, UploadStore uploads, JobSecrets secrets)
{
    /// <summary>What the starter is called.</summary>
    public const string StarterName = "MiniLM-L6 (starter)";

    public Task<Job> StarterAsync(int projectId, string ownerId, CancellationToken cancellationToken = default) =>
        QueueAsync(new ModelImport { From = ModelImport.FromStarter, Name = StarterName }, StarterName, ModelSource.Starter, null, projectId, ownerId, cancellationToken);

    /// <exception cref="InputException">The upload is not there or not complete.</exception>
    public Task<Job> UploadAsync(string uploadId, string? name, int projectId, string ownerId, CancellationToken cancellationToken = default)
    {
        var upload = uploads.FindComplete(uploadId, ownerId);
        name = Name(name, WithoutEnding(upload.FileName));
        return QueueAsync(new ModelImport { From = ModelImport.FromArchive, Path = uploads.DataFile(uploadId), FileName = upload.FileName, Name = name }, name, ModelSource.Import, uploadId, projectId, ownerId, cancellationToken);
    }

    /// <summary>A folder or an archive on the server; for administrators.</summary>
    /// <exception cref="InputException">There is nothing at this path.</exception>
    public Task<Job> PathAsync(string path, string? name, int projectId, string ownerId, CancellationToken cancellationToken = default)
    {
        var isFolder = Directory.Exists(path);
        if (!isFolder && !File.Exists(path))
        {
            throw new InputException($"There is no folder or archive {InputException.Quote(path, 200)} on the server.", "model.no_path", InputException.Quote(path, 200));
        }

        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        name = Name(name, WithoutEnding(Path.GetFileName(path)));
        return QueueAsync(
            new ModelImport { From = isFolder ? ModelImport.FromFolder : ModelImport.FromArchive, Path = path, Name = name }, name, ModelSource.Import, null, projectId, ownerId, cancellationToken);
    }

    /// <summary>A repository of the model hub that the server is set to. <paramref name="token"/> is kept encrypted until the job has ended.</summary>
    public Task<Job> HubAsync(ModelHubSource source, Uri endpoint, string? token, string? name, int projectId, string ownerId, CancellationToken cancellationToken = default)
    {
        name = Name(name, source.Repository);
        var import = new ModelImport { From = ModelImport.FromHub, Repository = source.Repository, Revision = source.Revision, Endpoint = endpoint.AbsoluteUri, Name = name };
        var followUp = new ModelFollowUp { Name = name, Source = ModelSource.Import, ProtectedToken = secrets.Protect(token) };
        return jobs.QueueAsync(JobKinds.ImportModel, name, import, followUp, projectId, ownerId, cancellationToken);
    }

    private Task<Job> QueueAsync(ModelImport import, string name, ModelSource source, string? upload, int projectId, string ownerId, CancellationToken cancellationToken) =>
        jobs.QueueAsync(JobKinds.ImportModel, name, import, new ModelFollowUp { Name = name, Source = source, Upload = upload }, projectId, ownerId, cancellationToken);

    internal static string WithoutEnding(string fileName) =>
        fileName.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase) ? fileName[..^7] : Path.GetFileNameWithoutExtension(fileName);

    internal static string Name(string? name, string fallback)
    {
        name = string.IsNullOrWhiteSpace(name) ? fallback : name.Trim();
        return name.Length is > 0 and <= 200 ? name : throw new InputException("Give the model a name of at most 200 characters.", "model.name");
    }
}
