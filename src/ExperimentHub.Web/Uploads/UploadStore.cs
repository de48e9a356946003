using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Uploads;

/// <summary>A file on its way to us, or here. <see cref="Offset"/> is how much has arrived.</summary>
public sealed record Upload(string Id, string FileName, long Size, string OwnerId, DateTime CreatedAt)
{
    public long Offset { get; init; }
}

/// <summary>
/// Files that people send, in parts and resumable, under names of ours: a stranger's file name is text and never a path. The hub does
/// not look into them; a job does.
/// </summary>
public sealed class UploadStore(HubPaths paths, IOptions<HubOptions> options)
{
    private static readonly TimeSpan s_keepFor = TimeSpan.FromDays(2);

    /// <exception cref="InputException">The file is too large, or the disk too full.</exception>
    public Upload Begin(string fileName, long size, string ownerId)
    {
        SweepOld();
        if (size < 0 || size > options.Value.MaxUploadBytes)
        {
            throw new InputException(
                $"{InputException.Quote(fileName)} has {size} bytes; at most {options.Value.MaxUploadBytes} can be uploaded. Put it on the server and name its path instead.",
                "upload.too_large", InputException.Quote(fileName), options.Value.MaxUploadBytes);
        }

        var free = new DriveInfo(paths.Root).AvailableFreeSpace;
        if (size + (64L << 20) > free)
        {
            throw new InputException($"The disk has {free >> 20} MB free, too little for this file; free some space first.", "upload.disk_full", free >> 20);
        }

        var upload = new Upload(Guid.NewGuid().ToString("n"), CleanName(fileName), size, ownerId, DateTime.UtcNow);
        Directory.CreateDirectory(Folder(upload.Id));
        File.Create(DataFile(upload.Id)).Dispose();
        AtomicFile.WriteAllText(Path.Combine(Folder(upload.Id), "upload.json"), JsonSerializer.Serialize(upload, WireJson.Options));
        return upload;
    }

    /// <summary>Null when there is none of this person's.</summary>
    public Upload? Find(string id, string ownerId)
    {
        if (!Guid.TryParseExact(id, "n", out _))
        {
            return null;
        }

        var meta = Path.Combine(Folder(id), "upload.json");
        if (!File.Exists(meta))
        {
            return null;
        }

        return Read(meta) is { } upload && upload.OwnerId == ownerId && File.Exists(DataFile(id)) ? upload with { Offset = new FileInfo(DataFile(id)).Length } : null;
    }

    /// <exception cref="InputException">The upload is not there or not complete.</exception>
    public Upload FindComplete(string id, string ownerId)
    {
        var upload = Find(id, ownerId) ?? throw new InputException("This upload is no longer there; send the file again.", "upload.gone");
        return upload.Offset == upload.Size ? upload
            : throw new InputException($"{upload.Offset} of {upload.Size} bytes have arrived; send the rest first.", "upload.incomplete", upload.Offset, upload.Size);
    }

    private static Upload? Read(string meta)
    {
        try
        {
            return JsonSerializer.Deserialize<Upload>(File.ReadAllText(meta), WireJson.Options);
        }
        catch (JsonException)
        {
            return null;   // a power loss left half of it: what was sent is sent again
        }
    }

    /// <summary>Appends a part that begins at <paramref name="offset"/>; what a cut connection left is overwritten by the same part sent again.</summary>
    /// <exception cref="InputException">The part does not join what is there, or the file becomes longer than was said.</exception>
    public async Task<Upload> AppendAsync(Upload upload, long offset, Stream part, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(DataFile(upload.Id), FileMode.Open, FileAccess.Write, FileShare.Read);
        if (offset < 0 || offset > file.Length)
        {
            throw new InputException($"{file.Length} bytes have arrived; go on from there.", "upload.offset", file.Length);
        }

        file.Position = offset;
        var buffer = new byte[1 << 16];
        for (int read; (read = await part.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (file.Position + read > upload.Size)
            {
                throw new InputException($"The file is longer than the {upload.Size} bytes that were announced; begin again.", "upload.size", upload.Size);
            }

            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        await file.FlushAsync(cancellationToken);
        return upload with { Offset = file.Length };
    }

    /// <summary>Deleting what is gone already is no fault.</summary>
    public void Delete(string id)
    {
        if (Directory.Exists(Folder(id)))
        {
            Directory.Delete(Folder(id), recursive: true);
        }
    }

    /// <summary>Where its bytes lie, for a job.</summary>
    public string DataFile(string id) => Path.Combine(Folder(id), "data");

    private string Folder(string id) => Path.Combine(paths.Uploads, id);

    private void SweepOld()
    {
        foreach (var folder in new DirectoryInfo(paths.Uploads).EnumerateDirectories().Where(f => DateTime.UtcNow - f.CreationTimeUtc > s_keepFor))
        {
            folder.Delete(recursive: true);
        }
    }

    private static string CleanName(string name)
    {
        name = InputException.Quote(name.Split('/', '\\')[^1].Trim(), 200);
        return name.Length == 0 ? "file" : name;
    }
}
