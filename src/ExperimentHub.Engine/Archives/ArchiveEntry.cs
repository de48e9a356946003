namespace ExperimentHub.Engine.Archives;

/// <summary>One file in an archive, as was checked.</summary>
internal abstract record ArchiveEntry(string Name, long Size)
{
    /// <summary>The part after the last slash.</summary>
    internal string FileName => Name[(Name.LastIndexOf('/') + 1)..];
}
