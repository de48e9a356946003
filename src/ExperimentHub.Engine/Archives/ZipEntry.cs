namespace ExperimentHub.Engine.Archives;

/// <summary>One file in a zip, as its directory says and as was checked.</summary>
internal sealed record ZipEntry(string Name, long Size, long CompressedSize, uint Crc, bool IsDeflated, long HeaderOffset)
{
    /// <summary>The part after the last slash.</summary>
    internal string FileName => Name[(Name.LastIndexOf('/') + 1)..];
}
