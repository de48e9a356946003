using System.IO.MemoryMappedFiles;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>A safetensors file, memory-mapped. Opening it checks the whole header; no byte of a tensor is read before.</summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafetensorsHeader _header;
    private readonly byte* _start;

    private SafetensorsFile(string name, MemoryMappedFile map, long length)
    {
        Name = name;
        _map = map;
        _view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        try
        {
            var bytes = SafetensorsHeader.Measure(name, new ReadOnlySpan<byte>(_start, (int)Math.Min(length, 64)), length);
            _header = SafetensorsHeader.Parse(name, new ReadOnlySpan<byte>(_start, bytes), length);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file's name without its folder, as messages name it.</summary>
    public string Name { get; }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <exception cref="InputException">The file is missing or damaged, or holds a type that we do not read.</exception>
    public static SafetensorsFile Open(string path)
    {
        var name = Path.GetFileName(path);
        // A model hub's cache has links in its folders: the size of a link is not that of the file.
        var info = new FileInfo(path);
        info = info.Exists ? info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info : info;
        if (!info.Exists)
        {
            throw new InputException($"{InputException.Quote(name, 160)} is missing from the model folder; copy the folder again.", "checkpoint.missing_file", name);
        }

        if (info.Length == 0)
        {
            throw new InputException($"{InputException.Quote(name, 160)} is empty; copy or export it again.", "checkpoint.damaged", name, "it is empty");
        }

        var map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        return new SafetensorsFile(name, map, info.Length);
    }

    /// <summary>The bytes of one tensor of this file, valid until it is disposed. A tensor has fewer than 2^31 bytes here.</summary>
    public ReadOnlySpan<byte> Bytes(SafetensorsEntry entry) =>
        new(_start + _header.DataOffset + entry.Begin, checked((int)(entry.End - entry.Begin)));

    public void Dispose()
    {
        if (_start is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }

        _view.Dispose();
        _map.Dispose();
    }
}
