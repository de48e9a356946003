using System.Net;

namespace ExperimentHub.Engine.ModelHubs;

/// <summary>
/// What the answers of a hub mean, in one sentence each. The header <c>X-Error-Code</c> decides, then the status (as
/// huggingface_hub reads them). A hub tells nobody whether a repository that he may not see exists.
/// </summary>
internal sealed class ModelHubFaults(ModelHubOptions options)
{
    private string Host => options.Endpoint.Host;

    /// <summary>The fault of a refused request for something of <paramref name="source"/>.</summary>
    public InputException Of(HttpResponseMessage answer, ModelHubSource source, string? path = null)
    {
        var code = Header(answer, "X-Error-Code");
        var message = Header(answer, "X-Error-Message") ?? "";
        return (code, answer.StatusCode) switch
        {
            ("EntryNotFound", _) => new($"{source.Repository} has no file {InputException.Quote(path, 160)} at {source.Revision}.", "model_hub.no_file", source.Repository, InputException.Quote(path, 160), source.Revision),
            ("RevisionNotFound", _) => new($"{source.Repository} has no branch, tag or commit {source.Revision}; leave the field empty for {ModelHubSource.MainRevision}.", "model_hub.no_revision", source.Repository, source.Revision),
            ("GatedRepo", _) when options.Token is null => new(
                $"{source.Repository} is gated: accept its terms at {Page(source)} and give a token of your account.", "model_hub.gated", source.Repository, Page(source)),
            ("GatedRepo", _) => new($"{source.Repository} is gated and your account is not on its list; ask for access at {Page(source)}.", "model_hub.not_on_list", source.Repository, Page(source)),
            (_, HttpStatusCode.Unauthorized) when message.StartsWith("Invalid credentials", StringComparison.Ordinal) || message.StartsWith("Invalid user token", StringComparison.Ordinal) =>
                new($"{Host} does not accept the token; make a new one that may read, and paste it whole.", "model_hub.token", Host),
            ("RepoNotFound", _) or (_, HttpStatusCode.Unauthorized) when options.Token is null => new(
                $"There is no public model {source.Repository} on {Host}; check the name, or give a token if it is private.", "model_hub.no_repository", source.Repository, Host),
            ("RepoNotFound", _) or (_, HttpStatusCode.Unauthorized) or (_, HttpStatusCode.NotFound) => new(
                $"There is no model {source.Repository} on {Host} that your token may see; check the name and the token's rights.", "model_hub.not_seen", source.Repository, Host),
            (_, HttpStatusCode.Forbidden) => new($"{Host} refuses {source.Repository} to this token; give it the right to read.", "model_hub.forbidden", Host, source.Repository),
            _ => new($"{Host} answers with status {(int)answer.StatusCode} to the request for {source.Repository}; try again later.", "model_hub.status", Host, (int)answer.StatusCode, source.Repository),
        };
    }

    public InputException Busy() => new($"{Host} is busy or out of order; try again in some minutes, what has arrived is kept.", "model_hub.busy", Host);

    public InputException Offline() => new($"{Host} cannot be reached; check this machine's connection, or set a mirror. What has arrived is kept.", "model_hub.offline", Host);

    public InputException Answer(string what) => new($"{Host} does not answer as a model hub does: {what}; check the address of the mirror.", "model_hub.answer", Host, what);

    public InputException Damaged(string path) =>
        new($"{InputException.Quote(path, 160)} did not arrive as {Host} lists it (size or checksum), twice; try again later.", "model_hub.damaged", InputException.Quote(path, 160), Host);

    private string Page(ModelHubSource source) => $"{options.Endpoint.AbsoluteUri.TrimEnd('/')}/{source.Repository}";

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
