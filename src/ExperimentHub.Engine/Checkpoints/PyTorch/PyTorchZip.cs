using ExperimentHub.Engine.Archives;

namespace ExperimentHub.Engine.Checkpoints.PyTorch;

/// <summary>
/// The format since torch 1.6: a zip of uncompressed files in one folder, <c>data.pkl</c> and a file <c>data/KEY</c> for each storage.
/// Checksums are not compared: torch can be told to leave them out, and never looks at them.
/// </summary>
internal static class PyTorchZip
{
    private const int LargestPickle = 64 << 20;
    private const int MostStorages = 200_000;
    private const string PickleName = "data.pkl";

    public static PyTorchContent Read(MappedFile file, string path, PickleFaults faults)
    {
        var archive = ZipDirectory.Open(path, file.Name, long.MaxValue, MostStorages);
        var entries = archive.Entries.Cast<ZipEntry>().ToDictionary(e => e.Name, StringComparer.Ordinal);
        var pickles = entries.Keys.Where(n => n.Split('/')[^1] == PickleName).Order(StringComparer.Ordinal).ToList();
        if (pickles.Count != 1)
        {
            throw faults.NotWeights(pickles.Count == 0 ? $"is a zip without the {PickleName} of torch.save" : $"has {pickles.Count} files {PickleName}, torch.save writes one");
        }

        var folder = pickles[0][..^PickleName.Length];
        if (entries.Keys.Any(n => n == folder + "constants.pkl" || n.StartsWith(folder + "code/", StringComparison.Ordinal)))
        {
            throw faults.NotWeights("is a TorchScript archive, which is code");
        }

        if (entries.TryGetValue(folder + "byteorder", out var order) && !Bytes(file, order, faults, 16).SequenceEqual("little"u8))
        {
            throw faults.NotWeights("was saved on a machine with big-endian numbers");
        }

        var reader = new PickleReader(Bytes(file, entries[pickles[0]], faults, LargestPickle), faults);
        var value = reader.Read();
        var storages = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        foreach (var key in reader.Storages.Keys)
        {
            if (key.Length is 0 or > 64 || !key.All(char.IsAsciiLetterOrDigit))
            {
                throw faults.Damaged($"the key of a storage is {InputException.Quote(key)}");
            }

            if (entries.TryGetValue($"{folder}data/{key}", out var entry))
            {
                storages.Add(key, (Place(file, entry, faults), entry.Size));
            }
        }

        return new PyTorchContent(value, storages);
    }

    private static ReadOnlySpan<byte> Bytes(MappedFile file, ZipEntry entry, PickleFaults faults, int most) => entry.Size <= most
        ? file.Bytes(Place(file, entry, faults), (int)entry.Size)
        : throw faults.NotWeights($"has {entry.Size} bytes in {InputException.Quote(entry.Name)}, far more than names and shapes of tensors");

    private static long Place(MappedFile file, ZipEntry entry, PickleFaults faults) => !entry.IsDeflated && entry.Size == entry.CompressedSize
        ? ZipDirectory.DataOffset(entry, file.Bytes(entry.HeaderOffset, ZipDirectory.LocalHeaderLength))
        : throw faults.Damaged($"{InputException.Quote(entry.Name)} in it is compressed, which torch.save does not do");
}
