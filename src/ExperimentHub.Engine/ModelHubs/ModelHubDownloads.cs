using System.Text;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Engine.ModelHubs;

/// <summary>
/// Plans an import from a model hub and fetches what it needs into a folder of <c>downloads/</c>, named by hub, repository and commit. What has
/// arrived stays there when the line breaks or the process dies, and the next import of the same goes on with it.
/// </summary>
public static class ModelHubDownloads
{
    private static readonly TimeSpan s_keptFor = TimeSpan.FromDays(7);

    /// <exception cref="InputException">The hub refuses or cannot be reached, or the repository holds no model that is read.</exception>
    public static async Task<ModelHubPlan> PlanAsync(ModelHubClient client, ModelHubSource source, CancellationToken cancellationToken = default)
    {
        var pinned = source with { Revision = await client.ResolveAsync(source, cancellationToken) };
        var files = await client.ListAsync(pinned, cancellationToken);
        var known = files.Where(f => IsPlain(f.Path) || ModelImporter.IsSentenceModule(f.Path)).ToList();
        if (known.All(f => f.Path != "config.json"))
        {
            throw new InputException($"{source.Repository} has no config.json at {source.Revision}, so it is no model for this library.", "model_hub.no_config", source.Repository, source.Revision);
        }

        var needed = ModelImporter.Needed(known, f => f.Path).OrderBy(f => f.Size).ThenBy(f => f.Path, StringComparer.Ordinal).ToList();
        return needed.Any(f => ModelImporter.IsWeights(f.Path))
            ? new ModelHubPlan(pinned, source.Revision, needed, files.Count - needed.Count)
            : throw new InputException($"{source.Repository} has no weights as safetensors or pytorch_model.bin at {source.Revision}; choose another model or revision.", "model_hub.no_weights", source.Repository, source.Revision);
    }

    /// <summary>Fetches the files of a plan. The folder is the caller's to delete once the model is in the store, or when nobody wants it any more.</summary>
    /// <param name="client">Of the hub that made the plan.</param>
    /// <param name="plan">What to fetch.</param>
    /// <param name="downloads">The folder of all downloads.</param>
    /// <param name="progress">Gets bytes that are here and bytes in all.</param>
    /// <param name="cancellationToken">Ends it; what has arrived stays.</param>
    /// <exception cref="InputException">As <see cref="PlanAsync"/>; or the disk is too full, or the same is on its way already.</exception>
    public static async Task<string> FetchAsync(ModelHubClient client, ModelHubPlan plan, string downloads, Action<long, long>? progress = null, CancellationToken cancellationToken = default)
    {
        var folder = FolderOf(client.Options.Endpoint, plan.Source, downloads);
        Sweep(downloads, folder);
        Directory.CreateDirectory(folder);
        using var claim = Claim(folder, plan.Source);
        CheckSpace(folder, plan);
        var done = 0L;
        progress?.Invoke(0, plan.Bytes);
        var download = new ModelHubDownload(client, plan.Source, folder, bytes => progress?.Invoke(done += bytes, plan.Bytes));
        foreach (var file in plan.Files)
        {
            await download.FetchAsync(file, cancellationToken);
        }

        return folder;
    }

    /// <summary>Where the files of a commit arrive.</summary>
    public static string FolderOf(Uri endpoint, ModelHubSource source, string downloads) =>
        Path.Combine(downloads, ContentHash.Of(Encoding.UTF8.GetBytes($"{endpoint.AbsoluteUri}\n{source.Repository}\n{source.Revision}"))[..32]);

    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A name without a folder that is a file name on every system: a listing is a stranger's text.</summary>
    private static bool IsPlain(string path) => path.Length is > 0 and <= 200 && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>What nobody went on with is given up.</summary>
    private static void Sweep(string downloads, string wanted)
    {
        if (!Directory.Exists(downloads))
        {
            return;
        }

        foreach (var folder in Directory.EnumerateDirectories(downloads).Where(f => f != wanted && DateTime.UtcNow - Directory.GetLastWriteTimeUtc(f) > s_keptFor).ToList())
        {
            Delete(folder);
        }
    }

    private static FileStream Claim(string folder, ModelHubSource source)
    {
        try
        {
            return new FileStream(folder + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            throw new InputException($"{source.Repository} is being fetched by another task already; wait until it has ended.", "model_hub.already", source.Repository);
        }
    }

    /// <summary>The files are needed twice for a moment: as they arrive, and as they lie in the store.</summary>
    private static void CheckSpace(string folder, ModelHubPlan plan)
    {
        var here = new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Length);
        var needed = (2 * plan.Bytes) - here;
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < needed)
        {
            throw new InputException(
                $"{plan.Source.Repository} needs {needed >> 20} MB on the disk while it is imported, and {free >> 20} MB are free; make room and start again.",
                "model_hub.disk", plan.Source.Repository, needed >> 20, free >> 20);
        }
    }
}
