namespace ExperimentHub.Engine.Archives;

/// <summary>One file in a zip, as its directory says.</summary>
internal sealed record ZipEntry(string Name, long Size, long CompressedSize, uint Crc, bool IsDeflated, long HeaderOffset) : ArchiveEntry(Name, Size);
