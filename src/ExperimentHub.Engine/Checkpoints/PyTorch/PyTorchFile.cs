using System.Runtime.InteropServices;
using ExperimentHub.Engine.Archives;

namespace ExperimentHub.Engine.Checkpoints.PyTorch;

/// <summary>
/// A state dict as <c>torch.save</c> writes it (a zip since 1.6, before that a row of pickles), memory-mapped. Opening it reads the
/// pickle as data, without running anything of it, and holds every tensor against the bytes that are there; values are read when they are
/// asked for, and copied only where their order in the file is not C order.
/// </summary>
internal sealed class PyTorchFile : IWeightFile
{
    /// <summary>How many times its own length a file's tensors may have, by sharing a storage.</summary>
    private const int MostSharing = 4;
    private const int SharingMattersFrom = 64 << 20;
    private const int MostDimensions = 32;

    private readonly MappedFile _file;
    private readonly PickleFaults _faults;
    private readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorPlace> _places = new(StringComparer.Ordinal);

    private PyTorchFile(MappedFile file, string path)
    {
        _file = file;
        _faults = new PickleFaults(file.Name);
        var start = file.Start(TarDirectory.BlockLength);
        var content = Archive.IsZip(start) ? PyTorchZip.Read(file, path, _faults)
            : TarDirectory.IsTar(start) ? throw _faults.NotWeights("is in the tar format of torch 0.1, which is not read")
            : PyTorchPickles.Read(file, _faults);
        if (content.Value is not PickleDictionary state)
        {
            throw _faults.NotWeights("holds no dictionary of tensors");
        }

        foreach (var (key, value) in state.Items)
        {
            var name = key as string ?? throw _faults.NotWeights("holds a dictionary whose keys are no names");
            Add(name, value as PickledTensor ?? throw _faults.NotWeights($"holds something else than a tensor under {InputException.Quote(name, 160)}"), content.Storages);
        }

        CheckSharing();
    }

    public string Name => _file.Name;

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    /// <exception cref="InputException">The file is missing or damaged, is no state dict, or names what would have to be run.</exception>
    public static PyTorchFile Open(string path)
    {
        var file = MappedFile.Open(path);
        try
        {
            return new PyTorchFile(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public ReadOnlySpan<byte> Bytes(SafetensorsEntry entry)
    {
        var length = (int)(entry.End - entry.Begin);
        var place = _places[entry.Name];
        if (length == 0 || IsContiguous(entry.Shape, place.Strides))
        {
            return _file.Bytes(place.Start, length);
        }

        var ordered = new byte[length];
        var stored = _file.Bytes(place.Start, (int)place.Reach);
        switch (entry.Type.Size())
        {
            case 8:
                Gather<long>(stored, ordered, entry.Shape, place.Strides);
                break;
            case 4:
                Gather<int>(stored, ordered, entry.Shape, place.Strides);
                break;
            case 2:
                Gather<short>(stored, ordered, entry.Shape, place.Strides);
                break;
            default:
                Gather<byte>(stored, ordered, entry.Shape, place.Strides);
                break;
        }

        return ordered;
    }

    public void Forget(ReadOnlySpan<byte> bytes) => _file.Forget(bytes);

    public void Dispose() => _file.Dispose();

    private void Add(string name, PickledTensor tensor, IReadOnlyDictionary<string, (long Offset, long Bytes)> storages)
    {
        var (storage, size) = (tensor.Storage, tensor.Storage.Type.Size());
        if (!storages.TryGetValue(storage.Key, out var bytes))
        {
            throw _faults.Tensor(name, $"lies in the storage {InputException.Quote(storage.Key)}, which is not in the file");
        }

        if (storage.RootElements < 0 || storage.RootElements > bytes.Bytes / size || storage.RootElements * size != bytes.Bytes)
        {
            throw _faults.Tensor(name, $"lies in a storage that is said to have {storage.RootElements} elements and has {bytes.Bytes} bytes");
        }

        if (storage.Offset < 0 || storage.Elements < 0 || storage.Elements > storage.RootElements - storage.Offset)
        {
            throw _faults.Tensor(name, "lies in a part of a storage that is outside of it");
        }

        var (elements, reach) = Measure(name, tensor);
        if (reach > int.MaxValue / size)
        {
            throw _faults.Tensor(name, $"spans {reach} elements, more than are read as one tensor");
        }

        var start = bytes.Offset + ((storage.Offset + tensor.Offset) * size);
        if (!_entries.TryAdd(name, new SafetensorsEntry(name, storage.Type, tensor.Sizes, start, start + (elements * size))))
        {
            throw _faults.NotWeights($"has {InputException.Quote(name, 160)} twice");
        }

        _places.Add(name, new TensorPlace(start, reach * size, tensor.Strides));
    }

    /// <summary>Elements of a tensor, and how many of its storage from its offset on it spans; both lie within the storage.</summary>
    private (long Elements, long Reach) Measure(string name, PickledTensor tensor)
    {
        var sizes = tensor.Sizes;
        if (sizes.Length != tensor.Strides.Length || sizes.Length > MostDimensions || sizes.Any(s => s is < 0 or > int.MaxValue) || tensor.Strides.Any(s => s < 0) || tensor.Offset < 0)
        {
            throw _faults.Tensor(name, $"has the impossible shape {InputException.Quote(SafetensorsEntry.FormatShape(sizes))} with strides {InputException.Quote(SafetensorsEntry.FormatShape(tensor.Strides))}");
        }

        if (sizes.Contains(0))
        {
            return tensor.Offset <= tensor.Storage.Elements ? (0, 0) : throw _faults.Tensor(name, "begins behind the end of its storage");
        }

        UInt128 elements = 1, last = (UInt128)tensor.Offset;
        for (var i = 0; i < sizes.Length; i++)
        {
            elements *= (UInt128)sizes[i];
            last += (UInt128)(sizes[i] - 1) * (UInt128)tensor.Strides[i];
            // Checked at each dimension, so that neither can grow to where 128 bits overflow.
            if (last >= (UInt128)tensor.Storage.Elements || elements > (UInt128)tensor.Storage.Elements)
            {
                break;
            }
        }

        if (last >= (UInt128)tensor.Storage.Elements)
        {
            throw _faults.Tensor(name, $"reaches beyond the {tensor.Storage.Elements} elements of its storage");
        }

        // A stride of 0 repeats what is stored: legal, but a checkpoint has no reason for it, and a copy could have any size.
        return elements <= (UInt128)tensor.Storage.Elements
            ? ((long)elements, (long)last - tensor.Offset + 1)
            : throw _faults.Tensor(name, $"has the shape {SafetensorsEntry.FormatShape(sizes)} over a storage of {tensor.Storage.Elements} elements");
    }

    private void CheckSharing()
    {
        var total = _entries.Values.Aggregate(UInt128.Zero, (sum, e) => sum + (UInt128)(e.End - e.Begin));
        if (total > SharingMattersFrom && total / MostSharing > (UInt128)_file.Length)
        {
            throw _faults.NotWeights($"has tensors of {total} bytes in a file of {_file.Length}");
        }
    }

    private static bool IsContiguous(IReadOnlyList<long> shape, long[] strides)
    {
        var expected = 1L;
        for (var i = shape.Count - 1; i >= 0; i--)
        {
            if (shape[i] != 1 && strides[i] != expected)
            {
                return false;
            }

            expected *= shape[i];
        }

        return true;
    }

    private static void Gather<T>(ReadOnlySpan<byte> stored, Span<byte> ordered, IReadOnlyList<long> shape, long[] strides)
        where T : unmanaged
    {
        var source = MemoryMarshal.Cast<byte, T>(stored);
        var target = MemoryMarshal.Cast<byte, T>(ordered);
        var last = shape.Count - 1;
        var (width, step) = ((int)shape[last], (int)strides[last]);
        var at = new long[shape.Count];
        var row = 0L;
        for (var written = 0; written < target.Length; written += width)
        {
            for (var i = 0; i < width; i++)
            {
                target[written + i] = source[(int)row + (i * step)];
            }

            // The next row, as a counter whose digits are the dimensions.
            for (var d = last - 1; d >= 0; d--)
            {
                row += strides[d];
                if (++at[d] < shape[d])
                {
                    break;
                }

                row -= strides[d] * shape[d];
                at[d] = 0;
            }
        }
    }

    /// <summary>Where a tensor's first element lies in the file, how many bytes it spans, and its strides in elements.</summary>
    private sealed record TensorPlace(long Start, long Reach, long[] Strides);
}

/// <summary>What a file's pickle made, and where in the file each storage lies.</summary>
internal sealed record PyTorchContent(object? Value, IReadOnlyDictionary<string, (long Offset, long Bytes)> Storages);
