using System.Text.Json.Nodes;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Uploads;
using ExperimentHub.Web.Workers;

namespace ExperimentHub.Web.Datasets;

/// <summary>Where a file to import lies: an upload of the caller's, a bundled sample, or (for administrators) a path on the server.</summary>
public sealed record DatasetSource
{
    public string? Upload { get; init; }

    public string? Sample { get; init; }

    public string? Path { get; init; }
}

/// <summary>Queues the jobs that look into a file and that import it. Who may call is decided by the caller.</summary>
public sealed class DatasetImports(JobService jobs, UploadStore uploads)
{
    /// <summary>A job whose result is what the file seems to be (<c>DatasetPreview</c>).</summary>
    /// <param name="settings">Fields of <c>DatasetImport</c> that a person has set already.</param>
    /// <exception cref="InputException">The source is not there.</exception>
    public Task<Job> InspectAsync(DatasetSource source, JsonObject? settings, int projectId, string ownerId, CancellationToken cancellationToken = default)
    {
        var (file, fileName) = Locate(source, ownerId);
        return jobs.QueueAsync(JobKinds.InspectDataset, fileName, Merge(settings, file, fileName, null), null, projectId, ownerId, cancellationToken);
    }

    /// <summary>A job that makes a data set, or a new version of <paramref name="datasetId"/>.</summary>
    /// <exception cref="InputException">The source is not there, or the name is empty.</exception>
    public Task<Job> ImportAsync(
        DatasetSource source, string? name, JsonObject? settings, int? datasetId, int projectId, string ownerId, CancellationToken cancellationToken = default)
    {
        var (file, fileName) = Locate(source, ownerId);
        name = string.IsNullOrWhiteSpace(name) ? System.IO.Path.GetFileNameWithoutExtension(fileName) : name.Trim();
        if (name.Length > 200)
        {
            throw new InputException("Give the data set a name of at most 200 characters.", "dataset.name");
        }

        var followUp = new DatasetFollowUp { Name = name, DatasetId = datasetId, IsSample = source.Sample is not null, Upload = source.Upload };
        return jobs.QueueAsync(JobKinds.ImportDataset, fileName, Merge(settings, file, fileName, name), followUp, projectId, ownerId, cancellationToken);
    }

    private (string File, string FileName) Locate(DatasetSource source, string ownerId)
    {
        if (source.Sample is { } sample)
        {
            var found = SampleDatasets.Find(sample) ?? throw new InputException($"There is no sample data set {InputException.Quote(sample)}.", "dataset.no_sample", InputException.Quote(sample));
            return (found.File, System.IO.Path.GetFileName(found.File));
        }

        if (source.Upload is { } id)
        {
            var upload = uploads.Find(id, ownerId) ?? throw new InputException("This upload is no longer there; send the file again.", "upload.gone");
            return upload.Offset == upload.Size
                ? (uploads.DataFile(id), upload.FileName)
                : throw new InputException($"{upload.Offset} of {upload.Size} bytes have arrived; send the rest first.", "upload.incomplete", upload.Offset, upload.Size);
        }

        var path = source.Path ?? throw new InputException("Say what to import: an upload, a sample or a path.", "dataset.no_source");
        return File.Exists(path)
            ? (System.IO.Path.GetFullPath(path), System.IO.Path.GetFileName(path))
            : throw new InputException($"There is no file {InputException.Quote(path, 200)} on the server.", "dataset.no_file", InputException.Quote(path, 200));
    }

    private static JsonObject Merge(JsonObject? settings, string file, string fileName, string? name)
    {
        var merged = settings?.DeepClone().AsObject() ?? [];
        merged["file"] = file;   // after the caller's own fields: where to read is never the caller's to say
        merged["file_name"] = fileName;
        merged["name"] = name;
        return merged;
    }
}
