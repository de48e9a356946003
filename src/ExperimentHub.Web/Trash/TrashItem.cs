namespace ExperimentHub.Web.Trash;

public enum TrashKind
{
    Run,
    Dataset,
    Model,
    Tokenizer,
    Adapter,
}

/// <summary>Something that was deleted and can still come back.</summary>
/// <param name="Bytes">What deleting it for good would free; 0 where another one holds the same content.</param>
/// <param name="UsedBy">Names of the runs and adapters that need it, so that it cannot be deleted for good; a few, the rest is counted in <paramref name="Uses"/>.</param>
public sealed record TrashItem(TrashKind Kind, int Id, int ProjectId, string Name, DateTime DeletedAt, long Bytes, IReadOnlyList<string> UsedBy, int Uses);
