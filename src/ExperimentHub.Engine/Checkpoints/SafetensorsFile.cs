namespace ExperimentHub.Engine.Checkpoints;

/// <summary>A safetensors file, memory-mapped. Opening it checks the whole header; no byte of a tensor is read before.</summary>
public sealed class SafetensorsFile : IWeightFile
{
    private readonly MappedFile _file;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(MappedFile file)
    {
        _file = file;
        var bytes = SafetensorsHeader.Measure(file.Name, file.Start(64), file.Length);
        _header = SafetensorsHeader.Parse(file.Name, file.Start(bytes), file.Length);
    }

    /// <summary>The file's name without its folder, as messages name it.</summary>
    public string Name => _file.Name;

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <exception cref="InputException">The file is missing or damaged, or holds a type that we do not read.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = MappedFile.Open(path);
        try
        {
            return new SafetensorsFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of one tensor of this file, valid until it is disposed. A tensor has fewer than 2^31 bytes here.</summary>
    public ReadOnlySpan<byte> Bytes(SafetensorsEntry entry) =>
        _file.Bytes(_header.DataOffset + entry.Begin, checked((int)(entry.End - entry.Begin)));

    void IWeightFile.Forget(ReadOnlySpan<byte> bytes) => _file.Forget(bytes);

    public void Dispose() => _file.Dispose();
}
