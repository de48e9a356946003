using ExperimentHub.Engine;
using ExperimentHub.Engine.ModelHubs;
using ExperimentHub.Web.Data;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Models;

/// <summary>Looks at a model of the hub that the server is set to, before it is imported.</summary>
public sealed class ModelHubBrowser(IOptions<HubOptions> options)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    /// <summary>The hub's address; null: importing from a hub is turned off.</summary>
    public Uri? Endpoint { get; } = options.Value.ModelHub.Endpoint is { Length: > 0 } endpoint ? ModelHubOptions.ParseEndpoint(endpoint) : null;

    /// <exception cref="InputException">There is no such model, it may not be seen, the hub is out of reach, or there is none.</exception>
    public async Task<ModelHubPlan> PlanAsync(string repository, string? revision, string? token, CancellationToken cancellationToken = default)
    {
        using var client = new ModelHubClient(new ModelHubOptions
        {
            Endpoint = Required,
            Token = string.IsNullOrWhiteSpace(token) ? null : token.Trim(),
            Waits = [TimeSpan.FromSeconds(1)],   // somebody is looking at the page
            LongestWait = TimeSpan.FromSeconds(5),
            Silence = s_patience,
        });
        return await ModelHubDownloads.PlanAsync(client, Parse(repository, revision), cancellationToken);
    }

    /// <exception cref="InputException">It is no name of a repository or revision, or there is no hub.</exception>
    public ModelHubSource Parse(string repository, string? revision) => ModelHubSource.Parse(repository, revision, Required);

    public Uri Required => Endpoint ?? throw new InputException("Importing from a model hub is turned off on this server.", "model_hub.off");
}
