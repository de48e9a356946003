using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>A file of weights in memory: what is looked at is read from disk, and nothing is copied.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private const int DontNeed = 4;

    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    private MappedFile(string name, MemoryMappedFile map, long length)
    {
        Name = name;
        Length = length;
        _map = map;
        _view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>The file's name without its folder, as messages name it.</summary>
    public string Name { get; }

    public long Length { get; }

    /// <exception cref="InputException">The file is missing or empty, or stands for one that was not fetched.</exception>
    public static MappedFile Open(string path)
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
            throw new InputException($"{InputException.Quote(name, 160)} is empty; copy or export it again.", "checkpoint.empty", name);
        }

        var file = new MappedFile(name, MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read), info.Length);
        if (file.Start(64).StartsWith("version https://git-lfs"u8))
        {
            file.Dispose();
            throw new InputException($"{name} is a Git LFS pointer, not the weights; fetch the real file with 'git lfs pull'.", "checkpoint.lfs", name);
        }

        return file;
    }

    /// <summary>Bytes of the file, valid until it is disposed; the caller has checked that they lie in it.</summary>
    public ReadOnlySpan<byte> Bytes(long offset, int length) => new(_start + offset, length);

    /// <summary>The first bytes, at most <paramref name="most"/>.</summary>
    public ReadOnlySpan<byte> Start(int most) => new(_start, (int)Math.Min(Length, most));

    /// <summary>
    /// Gives back the memory of bytes that are done with; looked at again, they are read again. Without it a file that is copied out takes
    /// its whole length beside the copy. What is no part of the file is passed over.
    /// </summary>
    public void Forget(ReadOnlySpan<byte> bytes)
    {
        var offset = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes)) - _start;
        if (!OperatingSystem.IsLinux() || offset < 0 || offset > Length - bytes.Length)
        {
            return;
        }

        // Whole pages only. It is a hint: where it is not taken, nothing is wrong.
        var page = Environment.SystemPageSize;
        var first = (offset + page - 1) / page * page;
        var end = offset + bytes.Length == Length ? Length : (offset + bytes.Length) / page * page;
        if (end > first)
        {
            _ = Posix.MAdvise((nint)(_start + first), (nint)(end - first), DontNeed);
        }
    }

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
