using System.Buffers.Binary;
using System.Text;

namespace ExperimentHub.Engine.Archives;

/// <summary>
/// A stranger's zip: everything in its directory is checked before a byte is unpacked: bounds, overlaps, sizes, names that leave the
/// folder, links, encryption, names that stand twice. Nothing is written here; entries are read as streams that check themselves.
/// </summary>
internal sealed class ZipDirectory : Archive
{
    /// <summary>What stands before the name of an entry where its bytes are.</summary>
    internal const int LocalHeaderLength = 30;

    private const int LargestDirectory = 8 << 20;
    private const int EndLength = 22;
    private const int HeaderLength = 46;

    private readonly string _path;
    private readonly string _name;

    private ZipDirectory(string path, string name, IReadOnlyList<ZipEntry> entries)
    {
        _path = path;
        _name = name;
        Entries = entries;
    }

    internal override IReadOnlyList<ArchiveEntry> Entries { get; }

    /// <param name="path">The file on this machine.</param>
    /// <param name="fileName">What the person calls it.</param>
    /// <param name="largest">Bytes that all files together may unpack to.</param>
    /// <param name="mostEntries">Entries that it may have.</param>
    internal static ZipDirectory Open(string path, string fileName, long largest, int mostEntries = MostEntries)
    {
        var name = InputException.Quote(fileName);
        using var stream = File.OpenRead(path);
        var (count, size, offset) = FindDirectory(stream, name);
        CheckCount(name, count, mostEntries);

        if (size > LargestDirectory * (long)(mostEntries / MostEntries) || offset < 0 || size < 0 || offset > stream.Length - size)
        {
            throw Damaged(name, "its directory lies outside the file");
        }

        var directory = new byte[size];
        stream.Position = offset;
        stream.ReadExactly(directory);
        var entries = ReadEntries(directory, count, name);
        if (entries.Count == 0)
        {
            throw Empty(name);
        }

        CheckSizes(entries, name, largest);
        CheckPlaces(stream, entries, name, offset);
        return new ZipDirectory(path, name, entries);
    }

    internal override Stream Read(ArchiveEntry archived)
    {
        var entry = (ZipEntry)archived;
        var stream = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        try
        {
            stream.Position = entry.HeaderOffset;
            var header = new byte[LocalHeaderLength];
            stream.ReadExactly(header);
            stream.Position = DataOffset(entry, header);
            return new InflateStream(stream, entry, how => new InputException(
                $"{_name}: {InputException.Quote(entry.Name)} {how}; pack it again.", "archive.entry", _name, InputException.Quote(entry.Name)));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static (long Count, long Size, long Offset) FindDirectory(FileStream stream, string name)
    {
        // The end record is followed by a comment of up to 64 KiB.
        var tail = new byte[Math.Min(stream.Length, EndLength + ushort.MaxValue)];
        stream.Position = stream.Length - tail.Length;
        stream.ReadExactly(tail);
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            if (tail.AsSpan(at, 4).SequenceEqual("PK\x05\x06"u8))
            {
                var end = tail.AsSpan(at);
                long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
                long size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
                long offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
                var far = count == ushort.MaxValue || size == uint.MaxValue || offset == uint.MaxValue;
                return far ? FindFarDirectory(stream, stream.Length - tail.Length + at, name) : (count, size, offset);
            }
        }

        throw Damaged(name, "it has no directory at its end");
    }

    /// <summary>The zip64 end record, for archives beyond 4 GB or 65,535 entries.</summary>
    private static (long Count, long Size, long Offset) FindFarDirectory(FileStream stream, long endOffset, string name)
    {
        var locator = new byte[20];
        var record = new byte[56];
        if (endOffset < locator.Length)
        {
            throw Damaged(name, "its directory lies outside the file");
        }

        stream.Position = endOffset - locator.Length;
        stream.ReadExactly(locator);
        var offset = BinaryPrimitives.ReadInt64LittleEndian(locator.AsSpan(8));
        if (!locator.AsSpan(0, 4).SequenceEqual("PK\x06\x07"u8) || offset < 0 || offset > stream.Length - record.Length)
        {
            throw Damaged(name, "its directory lies outside the file");
        }

        stream.Position = offset;
        stream.ReadExactly(record);
        return record.AsSpan(0, 4).SequenceEqual("PK\x06\x06"u8)
            ? (BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(32)),
                BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(40)),
                BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(48)))
            : throw Damaged(name, "its directory lies outside the file");
    }

    private static List<ZipEntry> ReadEntries(ReadOnlySpan<byte> directory, long count, string name)
    {
        var entries = new List<ZipEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            if (directory.Length < HeaderLength || !directory.StartsWith("PK\x01\x02"u8))
            {
                throw Damaged(name, "its directory is cut off");
            }

            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
            var extraLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[30..]);
            var length = HeaderLength + nameLength + extraLength + BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
            if (directory.Length < length)
            {
                throw Damaged(name, "its directory is cut off");
            }

            var header = directory[..length];
            var entryName = Encoding.UTF8.GetString(header.Slice(HeaderLength, nameLength));
            ArchiveNames.Check(name, entryName);
            if (!names.Add(entryName))
            {
                throw Twice(name, entryName);
            }

            CheckKind(header, name, entryName);
            if (!entryName.EndsWith('/') && !ArchiveNames.IsClutter(entryName))
            {
                entries.Add(ReadEntry(header, header.Slice(HeaderLength + nameLength, extraLength), name, entryName));
            }

            directory = directory[length..];
        }

        return entries;
    }

    private static void CheckKind(ReadOnlySpan<byte> header, string name, string entryName)
    {
        var kind = BinaryPrimitives.ReadUInt32LittleEndian(header[38..]) >> 16 & 0xF000;
        if (kind is not (0 or 0x8000 or 0x4000))
        {
            throw Link(name, entryName);
        }

        if ((BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) & 1) != 0)
        {
            throw new InputException(
                $"{name}: {InputException.Quote(entryName)} is encrypted; pack it without a password.", "archive.encrypted", name, InputException.Quote(entryName));
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(header[10..]) is not (0 or 8))
        {
            throw new InputException(
                $"{name}: {InputException.Quote(entryName)} is compressed in a way that is not supported; pack it as an ordinary zip.",
                "archive.method",
                name,
                InputException.Quote(entryName));
        }
    }

    private static ZipEntry ReadEntry(ReadOnlySpan<byte> header, ReadOnlySpan<byte> extra, string name, string entryName)
    {
        long compressed = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(header[24..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(header[42..]);
        while (extra.Length >= 4)
        {
            var id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            var length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            var field = extra.Slice(4, length);
            if (id == 1)
            {
                // Only what did not fit above stands here, in this order.
                TakeFar(ref field, ref size);
                TakeFar(ref field, ref compressed);
                TakeFar(ref field, ref offset);
            }

            extra = extra[(4 + length)..];
        }

        if (size < 0 || compressed < 0 || offset < 0)
        {
            throw Damaged(name, $"the size of {InputException.Quote(entryName)} is impossible");
        }

        var deflated = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]) == 8;
        return new ZipEntry(entryName, size, compressed, BinaryPrimitives.ReadUInt32LittleEndian(header[16..]), deflated, offset);
    }

    private static void TakeFar(ref ReadOnlySpan<byte> field, ref long value)
    {
        if (value == uint.MaxValue && field.Length >= 8)
        {
            value = BinaryPrimitives.ReadInt64LittleEndian(field);
            field = field[8..];
        }
    }

    private static void CheckSizes(List<ZipEntry> entries, string name, long largest)
    {
        long total = 0;
        foreach (var entry in entries)
        {
            var tooDense = entry.Size > GzipFileStream.RatioMattersFrom && entry.Size / GzipFileStream.HighestRatio > entry.CompressedSize;
            if (tooDense || entry.Size > largest - total)
            {
                throw Bomb(name, entry.Name, entry.Size);
            }

            total += entry.Size;
        }
    }

    /// <summary>No two entries share bytes, none lies in the directory, and each begins with a header of its own name.</summary>
    private static void CheckPlaces(FileStream stream, List<ZipEntry> entries, string name, long directoryOffset)
    {
        var header = new byte[LocalHeaderLength];
        long end = 0;
        foreach (var entry in entries.OrderBy(e => e.HeaderOffset))
        {
            if (entry.HeaderOffset < end || entry.HeaderOffset > directoryOffset - LocalHeaderLength)
            {
                throw Damaged(name, $"{InputException.Quote(entry.Name)} lies over another entry");
            }

            stream.Position = entry.HeaderOffset;
            stream.ReadExactly(header);
            if (!header.AsSpan().StartsWith("PK\x03\x04"u8) || entry.CompressedSize > directoryOffset - DataOffset(entry, header))
            {
                throw Damaged(name, $"{InputException.Quote(entry.Name)} lies outside the file");
            }

            end = DataOffset(entry, header) + entry.CompressedSize;

            var local = new byte[BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26))];
            stream.ReadExactly(local);
            if (Encoding.UTF8.GetString(local) != entry.Name)
            {
                throw Damaged(name, $"{InputException.Quote(entry.Name)} has another name where it begins");
            }
        }
    }

    /// <summary>Where the bytes of an entry begin in the file.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="header">The <see cref="LocalHeaderLength"/> bytes at its offset.</param>
    internal static long DataOffset(ZipEntry entry, ReadOnlySpan<byte> header) =>
        entry.HeaderOffset + LocalHeaderLength + BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
}
