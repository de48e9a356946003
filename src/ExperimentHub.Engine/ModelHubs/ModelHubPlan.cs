namespace ExperimentHub.Engine.ModelHubs;

/// <summary>What an import would fetch.</summary>
/// <param name="Source">The repository at a commit, so that what is fetched is what was shown.</param>
/// <param name="Revision">The branch, tag or commit that was asked for.</param>
/// <param name="Files">Files that are needed, configuration first, weights last.</param>
/// <param name="Others">Files of the repository that are left where they are.</param>
public sealed record ModelHubPlan(ModelHubSource Source, string Revision, IReadOnlyList<ModelHubFile> Files, int Others)
{
    public long Bytes => Files.Sum(f => f.Size);
}
