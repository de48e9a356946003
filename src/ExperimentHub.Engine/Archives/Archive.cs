namespace ExperimentHub.Engine.Archives;

/// <summary>
/// A stranger's zip, tar or gzipped tar: all of its entries are checked before one is used, and nothing is ever unpacked but what the
/// caller reads and writes under names of his own.
/// </summary>
internal abstract class Archive
{
    internal const int MostEntries = 5000;

    /// <summary>Files, without folders and without what a Mac adds.</summary>
    internal abstract IReadOnlyList<ArchiveEntry> Entries { get; }

    /// <summary>Null when the file is none of the three.</summary>
    /// <param name="path">The file on this machine.</param>
    /// <param name="fileName">What the person calls it.</param>
    /// <param name="largest">Bytes that all files together may unpack to.</param>
    /// <exception cref="InputException">The archive is damaged or holds something that must not be unpacked.</exception>
    internal static Archive? TryOpen(string path, string fileName, long largest)
    {
        var start = new byte[TarDirectory.BlockLength];
        int length;
        using (var stream = File.OpenRead(path))
        {
            length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }

        if (IsZip(start))
        {
            return ZipDirectory.Open(path, fileName, largest);
        }

        Stream Plain() => File.OpenRead(path);
        Stream Unpacked() => new GzipFileStream(Plain(), fileName);
        if (!GzipFileStream.IsGzip(start))
        {
            return TarDirectory.IsTar(start.AsSpan(0, length)) ? TarDirectory.Open(Plain, fileName, largest) : null;
        }

        using (var unpacked = Unpacked())
        {
            length = unpacked.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }

        return TarDirectory.IsTar(start.AsSpan(0, length)) ? TarDirectory.Open(Unpacked, fileName, largest) : null;
    }

    /// <summary>The content of an entry; the stream throws an <see cref="InputException"/> where it does not keep what was said of it.</summary>
    internal abstract Stream Read(ArchiveEntry entry);

    /// <summary>The contents of some entries, each while <paramref name="use"/> runs, in an order that suits the archive.</summary>
    internal virtual void Read(IReadOnlyCollection<ArchiveEntry> entries, Action<ArchiveEntry, Stream> use)
    {
        foreach (var entry in entries)
        {
            using var stream = Read(entry);
            use(entry, stream);
        }
    }

    internal static bool IsZip(ReadOnlySpan<byte> start) => start.Length > 3 && start.StartsWith("PK"u8) && start[2] is 1 or 3 or 5 or 7;

    protected static void CheckCount(string name, long count, int most = MostEntries)
    {
        if (count > most)
        {
            throw new InputException($"{name} has more than {most} entries; at most {most} are unpacked.", "archive.entries", name, most);
        }
    }

    protected static InputException Twice(string name, string entry) => new(
        $"{name} has {InputException.Quote(entry)} twice; pack it again with one of them.", "archive.twice", name, InputException.Quote(entry));

    protected static InputException Link(string name, string entry) => new(
        $"{name}: {InputException.Quote(entry)} is a link or a device, which is not unpacked; pack the file itself.", "archive.link", name, InputException.Quote(entry));

    protected static InputException Bomb(string name, string entry, long size) => new(
        $"{name}: {InputException.Quote(entry)} would unpack to {size} bytes, more than a file of its kind can be.", "archive.bomb", name, InputException.Quote(entry), size);

    protected static InputException Empty(string name) => new($"{name} holds no file.", "archive.empty", name);

    protected static InputException Damaged(string name, string how) => new($"{name} is damaged: {how}; pack it again.", "archive.damaged", name);
}
