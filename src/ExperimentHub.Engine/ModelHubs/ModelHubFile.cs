namespace ExperimentHub.Engine.ModelHubs;

/// <summary>A file of a repository on a model hub, as its listing says.</summary>
/// <param name="Path">Within the repository, with slashes.</param>
/// <param name="Size">Bytes of the content.</param>
/// <param name="GitId">SHA-1 of git's blob: of the content, or of its pointer where the content is stored apart.</param>
/// <param name="Sha256">SHA-256 of a content that is stored apart (LFS); null for small files.</param>
public sealed record ModelHubFile(string Path, long Size, string GitId, string? Sha256);
