using System.Buffers.Binary;
using System.Numerics;

namespace ExperimentHub.Engine.Checkpoints.PyTorch;

/// <summary>
/// The format before torch 1.6: pickles of a magic number, a version, facts about the machine, the object, and the keys of the storages; then
/// the storages in that order, each its number of elements (8 bytes) and its bytes.
/// </summary>
internal static class PyTorchPickles
{
    private const int LargestPickles = 128 << 20;
    private const long Version = 1001;

    private static readonly BigInteger s_magic = new(Convert.FromHexString("6CFC9C46F9206AA85019"));

    public static PyTorchContent Read(MappedFile file, PickleFaults faults)
    {
        var rest = file.Start(LargestPickles);
        var position = 0;
        if (rest[0] != 0x80 || Next(rest, ref position, faults).Value is not BigInteger magic || magic != s_magic)
        {
            throw faults.NotWeights("is no file of torch.save");
        }

        if (Next(rest, ref position, faults).Value is not Version)
        {
            throw faults.Damaged($"its version is another than {Version}");
        }

        if (Next(rest, ref position, faults).Value is PickleDictionary machine && machine.Items.Any(i => i is ("little_endian", false)))
        {
            throw faults.NotWeights("was saved on a machine with big-endian numbers");
        }

        var (value, known) = Next(rest, ref position, faults);
        if (Next(rest, ref position, faults).Value is not List<object?> keys)
        {
            throw faults.Damaged("it has no list of its storages");
        }

        var storages = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        long at = position;
        foreach (var item in keys)
        {
            if (item is not string key || !known.TryGetValue(key, out var storage))
            {
                throw faults.Damaged("it lists a storage that its pickle does not use");
            }

            var elements = at <= file.Length - sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(file.Bytes(at, sizeof(long))) : -1;
            at += sizeof(long);
            if (elements < 0 || elements > (file.Length - at) / storage.Type.Size() || !storages.TryAdd(key, (at, elements * storage.Type.Size())))
            {
                throw faults.Damaged($"the storage {InputException.Quote(key)} is not there as a whole");
            }

            at += elements * storage.Type.Size();
        }

        return new PyTorchContent(value, storages);
    }

    private static (object? Value, IReadOnlyDictionary<string, StorageView> Storages) Next(ReadOnlySpan<byte> bytes, ref int position, PickleFaults faults)
    {
        var reader = new PickleReader(bytes[position..], faults);
        var value = reader.Read();
        position += reader.Length;
        return (value, reader.Storages);
    }
}
