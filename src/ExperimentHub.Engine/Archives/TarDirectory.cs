using System.Text;

namespace ExperimentHub.Engine.Archives;

/// <summary>
/// A stranger's tar (ustar, GNU or pax; POSIX.1-2001), read once from beginning to end before anything is used. Links, devices, sparse
/// files and names that leave the folder are refused. .NET's own reader takes headers of any length into memory.
/// </summary>
internal sealed class TarDirectory : Archive
{
    internal const int BlockLength = 512;

    /// <summary>Longest header of names and attributes.</summary>
    private const int LongestHeader = 64 << 10;

    private readonly Func<Stream> _open;
    private readonly string _name;
    private readonly List<TarEntry> _entries = [];

    private TarDirectory(Func<Stream> open, string name)
    {
        _open = open;
        _name = name;
    }

    internal override IReadOnlyList<ArchiveEntry> Entries => _entries;

    /// <summary>True for a block that is a header: its checksum fits, or it says that it is one.</summary>
    internal static bool IsTar(ReadOnlySpan<byte> block) =>
        block.Length == BlockLength && (block.Slice(257, 5).SequenceEqual("ustar"u8) || (block[0] != 0 && ChecksumFits(block)));

    internal static TarDirectory Open(Func<Stream> open, string fileName, long largest)
    {
        var tar = new TarDirectory(open, InputException.Quote(fileName));
        using var stream = open();
        tar.Scan(stream, largest);
        return tar._entries.Count > 0 ? tar : throw Empty(tar._name);
    }

    internal override Stream Read(ArchiveEntry entry)
    {
        var stream = _open();
        try
        {
            Skip(stream, ((TarEntry)entry).Offset);
            return new LimitedStream(stream, entry.Size, () => CutOff(_name));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>In one pass, as a gzipped tar cannot be entered in the middle.</summary>
    internal override void Read(IReadOnlyCollection<ArchiveEntry> entries, Action<ArchiveEntry, Stream> use)
    {
        using var stream = _open();
        var position = 0L;
        foreach (var entry in entries.Cast<TarEntry>().OrderBy(e => e.Offset))
        {
            Skip(stream, entry.Offset - position);
            var content = new LimitedStream(stream, entry.Size, () => CutOff(_name));
            use(entry, content);
            position = entry.Offset + entry.Size - content.Left;
        }
    }

    private void Scan(Stream stream, long largest)
    {
        var block = new byte[BlockLength];
        var names = new HashSet<string>(StringComparer.Ordinal);
        var (position, total, count) = (0L, 0L, 0L);
        var next = new TarHeader();
        while (true)
        {
            Fill(stream, block);
            position += BlockLength;
            if (block.AsSpan().IndexOfAnyExcept((byte)0) < 0)
            {
                break;   // the end; what follows must be zeros too
            }

            if (!ChecksumFits(block))
            {
                throw Damaged(_name, "a header's checksum is wrong");
            }

            CheckCount(_name, ++count);
            var kind = (char)block[156];
            var isHeader = kind is 'x' or 'g' or 'L' or 'K';
            var size = isHeader || next.Size is null ? Number(block.AsSpan(124, 12)) : next.Size.Value;
            if (size < 0)
            {
                throw Damaged(_name, "the size of an entry is impossible");
            }

            if (isHeader)
            {
                next = ReadHeader(stream, kind, (int)Math.Min(size, LongestHeader + 1), next);
            }
            else
            {
                Take(kind, next.Name ?? NameIn(block), size, position, names);
                total += size <= largest - total ? size : throw Bomb(_name, next.Name ?? NameIn(block), size);
                Skip(stream, size);
                next = new TarHeader();
            }

            Skip(stream, Padding(size));
            position += size + Padding(size);
        }

        Finish(stream);
    }

    private void Take(char kind, string name, long size, long position, HashSet<string> names)
    {
        while (name.StartsWith("./", StringComparison.Ordinal))
        {
            name = name[2..];   // tar -C folder .
        }

        if (kind == '5' && name is "" or ".")
        {
            return;
        }

        ArchiveNames.Check(_name, name);
        if (kind is not ('0' or '\0' or '7' or '5'))
        {
            throw Link(_name, name);
        }

        if (!names.Add(name) && kind != '5')
        {
            throw Twice(_name, name);
        }

        if (kind != '5' && !name.EndsWith('/') && !ArchiveNames.IsClutter(name))
        {
            _entries.Add(new TarEntry(name, size, position));
        }
    }

    /// <summary>A header that says more of the entry after it: a long name (GNU), or attributes (pax).</summary>
    private TarHeader ReadHeader(Stream stream, char kind, int length, TarHeader so)
    {
        if (length > LongestHeader)
        {
            throw Damaged(_name, "a header is longer than any name");
        }

        var bytes = new byte[length];
        Fill(stream, bytes);
        return kind switch
        {
            'L' => so with { Name = Encoding.UTF8.GetString(bytes.AsSpan().TrimEnd((byte)0)) },
            'x' => ReadAttributes(bytes, so),
            _ => so,   // of the link's target, or of all entries: comments
        };
    }

    /// <summary>Lines of <c>length key=value</c>.</summary>
    private TarHeader ReadAttributes(ReadOnlySpan<byte> bytes, TarHeader so)
    {
        while (!bytes.IsEmpty)
        {
            var blank = bytes.IndexOf((byte)' ');
            if (blank is < 1 or > 9 || !int.TryParse(bytes[..blank], out var length) || length <= blank + 1 || length > bytes.Length)
            {
                throw Damaged(_name, "an attribute is malformed");
            }

            var line = bytes[(blank + 1)..length].TrimEnd((byte)'\n');
            var equals = line.IndexOf((byte)'=');
            var key = Encoding.UTF8.GetString(line[..Math.Max(equals, 0)]);
            var value = Encoding.UTF8.GetString(line[(equals + 1)..]);
            if (key.StartsWith("GNU.sparse.", StringComparison.Ordinal))
            {
                throw Link(_name, so.Name ?? "a sparse file");
            }

            so = key switch
            {
                "path" => so with { Name = value },
                "size" => so with { Size = long.TryParse(value, out var size) && size >= 0 ? size : throw Damaged(_name, "the size of an entry is impossible") },
                _ => so,
            };
            bytes = bytes[length..];
        }

        return so;
    }

    private void Finish(Stream stream)
    {
        var rest = new byte[1 << 16];
        for (int read; (read = stream.Read(rest)) > 0;)
        {
            if (rest.AsSpan(0, read).IndexOfAnyExcept((byte)0) >= 0)
            {
                throw Damaged(_name, "something follows its end");
            }
        }
    }

    private static bool ChecksumFits(ReadOnlySpan<byte> block)
    {
        var sum = 8 * ' ';   // the field itself counts as blanks
        for (var i = 0; i < BlockLength; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : block[i];
        }

        return Number(block.Slice(148, 8)) == sum;
    }

    /// <summary>Octal digits, or base 256 where the first bit is set (the second is the sign); -1 for anything else, and for what is no number of 63 bits.</summary>
    private static long Number(ReadOnlySpan<byte> field)
    {
        long number = 0;
        if (field[0] >= 0x80)
        {
            number = field[0] < 0xC0 ? field[0] - 0x80 : -1;
            foreach (var part in field[1..])
            {
                number = number is >= 0 and <= long.MaxValue >> 8 ? (number << 8) | part : -1;
            }

            return number;
        }

        var digits = field.Trim(" \0"u8);
        foreach (var digit in digits)
        {
            number = digit is >= (byte)'0' and <= (byte)'7' && number >= 0 ? (number * 8) + digit - '0' : -1;
        }

        return number;
    }

    private static string NameIn(ReadOnlySpan<byte> block)
    {
        var name = Text(block[..100]);
        var prefix = block.Slice(257, 6).SequenceEqual("ustar\0"u8) ? Text(block.Slice(345, 155)) : "";
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    private static string Text(ReadOnlySpan<byte> field) =>
        Encoding.UTF8.GetString(field.IndexOf((byte)0) is var end and >= 0 ? field[..end] : field);

    private static long Padding(long size) => -size & (BlockLength - 1);

    private void Skip(Stream stream, long count)
    {
        var buffer = new byte[(int)Math.Min(count, 1 << 16)];
        for (var left = count; left > 0;)
        {
            var read = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            left -= read > 0 ? read : throw CutOff(_name);
        }
    }

    private void Fill(Stream stream, byte[] block)
    {
        if (stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false) < block.Length)
        {
            throw CutOff(_name);
        }
    }

    private static InputException CutOff(string name) => Damaged(name, "it is cut off");

    /// <summary>What headers before an entry say of it.</summary>
    private sealed record TarHeader
    {
        internal string? Name { get; init; }

        internal long? Size { get; init; }
    }

    /// <summary>One file in a tar; <paramref name="Offset"/> is where its bytes begin in the unpacked tar.</summary>
    private sealed record TarEntry(string Name, long Size, long Offset) : ArchiveEntry(Name, Size);
}
