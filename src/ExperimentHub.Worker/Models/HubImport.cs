using ExperimentHub.Engine.ModelHubs;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Worker.Models;

/// <summary>
/// An import from a model hub: its files are fetched, then imported as a folder. A connection that breaks, and a worker that dies, leave what
/// has arrived for the next try; a cancel, and a model that cannot be used, leave nothing.
/// </summary>
internal static class HubImport
{
    public const string TokenVariable = "HF_TOKEN";
    public const string EndpointVariable = "HF_ENDPOINT";

    /// <param name="chosen">An import with <see cref="ModelImport.FromHub"/>.</param>
    /// <param name="store">The content store; downloads lie beside it.</param>
    /// <param name="progress">Gets the stage (downloading, copying), bytes done and bytes in all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ModelInfo> RunAsync(ModelImport chosen, string store, Action<string, long, long>? progress, CancellationToken cancellationToken)
    {
        using var client = new ModelHubClient(OptionsOf(chosen));
        var source = ModelHubSource.Parse(chosen.Repository ?? "", chosen.Revision, client.Options.Endpoint);
        var downloads = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(store))!, "downloads");
        string? folder = null;
        try
        {
            var plan = await ModelHubDownloads.PlanAsync(client, source, cancellationToken);
            folder = ModelHubDownloads.FolderOf(client.Options.Endpoint, plan.Source, downloads);
            await ModelHubDownloads.FetchAsync(client, plan, downloads, (done, total) => progress?.Invoke("downloading", done, total), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && folder is not null)
        {
            ModelHubDownloads.Delete(folder);
            throw;
        }

        try
        {
            return ModelImporter.Import(
                new ModelImport { From = ModelImport.FromFolder, Path = folder, Name = chosen.Name ?? source.Repository }, store, (done, total) => progress?.Invoke("copying", done, total), cancellationToken);
        }
        finally
        {
            ModelHubDownloads.Delete(folder);
        }
    }

    private static ModelHubOptions OptionsOf(ModelImport chosen) => new()
    {
        Endpoint = (chosen.Endpoint ?? Variable(EndpointVariable)) is { } endpoint ? ModelHubOptions.ParseEndpoint(endpoint) : ModelHubOptions.DefaultEndpoint,
        Token = Variable(TokenVariable),
    };

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
