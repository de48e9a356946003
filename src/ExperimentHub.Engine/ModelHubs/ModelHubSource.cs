using System.Text.RegularExpressions;

namespace ExperimentHub.Engine.ModelHubs;

/// <summary>A repository of a model hub and the state of it that is wanted.</summary>
/// <param name="Repository"><c>owner/name</c>, or <c>name</c> alone for the oldest ones.</param>
/// <param name="Revision">A branch, a tag or a commit.</param>
public sealed partial record ModelHubSource(string Repository, string Revision)
{
    public const string MainRevision = "main";

    private const int LongestRevision = 200;

    /// <summary>Reads what a person typed: a name, or the address of the model's page on the hub.</summary>
    /// <exception cref="InputException">It is no name of a repository, or the revision is no name.</exception>
    public static ModelHubSource Parse(string repository, string? revision, Uri endpoint)
    {
        repository = repository.Trim();
        var prefix = endpoint.AbsoluteUri.TrimEnd('/') + "/";
        if (repository.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            var parts = repository[prefix.Length..].TrimEnd('/').Split("/tree/", 2);
            repository = parts[0];
            revision = string.IsNullOrWhiteSpace(revision) && parts.Length > 1 ? parts[1] : revision;
        }

        if (!Name().IsMatch(repository) || repository.Contains("..", StringComparison.Ordinal) || repository.Contains("--", StringComparison.Ordinal))
        {
            throw new InputException($"{InputException.Quote(repository)} is no name of a model; write owner/name, such as google-bert/bert-base-chinese.", "model_hub.name", InputException.Quote(repository));
        }

        revision = string.IsNullOrWhiteSpace(revision) ? MainRevision : revision.Trim();
        return revision.Length <= LongestRevision && !revision.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) && !revision.Contains("..", StringComparison.Ordinal)
            ? new ModelHubSource(repository, revision)
            : throw new InputException($"{InputException.Quote(revision)} is no name of a branch, tag or commit.", "model_hub.revision_name", InputException.Quote(revision));
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?\z")]
    private static partial Regex Name();
}
