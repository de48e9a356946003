using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using ExperimentHub.Engine.Archives;

namespace ExperimentHub.Engine.Tests.Hostile;

public sealed class TarDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Theory]
    [InlineData(TarEntryFormat.V7, false)]
    [InlineData(TarEntryFormat.Ustar, true)]
    [InlineData(TarEntryFormat.Pax, false)]
    [InlineData(TarEntryFormat.Pax, true)]
    [InlineData(TarEntryFormat.Gnu, true)]
    public void TryOpen_ReadsWhatWasPacked(TarEntryFormat format, bool gzipped)
    {
        var longName = format == TarEntryFormat.V7 ? "b.txt" : $"folder/{new string('n', 90)}/{new string('m', 90)}.txt";
        var archive = Archive.TryOpen(Pack(gzipped, tar =>
        {
            Add(tar, format, "./a.csv", "text,label\n");
            Add(tar, format, longName, new string('x', 1000));
        }), "upload.tar", 1 << 20)!;

        var contents = new Dictionary<string, string>();
        archive.Read([.. archive.Entries], (entry, content) => contents[entry.Name] = new StreamReader(content).ReadToEnd());

        Assert.Equal(["a.csv", longName], archive.Entries.Select(e => e.Name));
        Assert.Equal("text,label\n", contents["a.csv"]);
        Assert.Equal(new string('x', 1000), contents[longName]);
        Assert.Equal(new string('x', 1000), new StreamReader(archive.Read(archive.Entries[1])).ReadToEnd());
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.Fifo)]
    [InlineData(TarEntryType.CharacterDevice)]
    public void TryOpen_RefusesWhatIsNoFile(TarEntryType type)
    {
        var file = Pack(gzipped: false, tar =>
        {
            var entry = new PaxTarEntry(type, "train.csv");
            if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            {
                entry.LinkName = "/etc/passwd";
            }

            tar.WriteEntry(entry);
        });

        var refusal = Assert.Throws<InputException>(() => Archive.TryOpen(file, "upload.tar", 1 << 20));

        Assert.Equal("archive.link", refusal.Code);
        Assert.Contains("train.csv", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../train.csv", "archive.path")]
    [InlineData("/tmp/train.csv", "archive.path")]
    [InlineData("a\\train.csv", "archive.path")]
    [InlineData("a\u0007.csv", "archive.name")]
    public void TryOpen_RefusesNamesThatLeaveTheFolder(string name, string code)
    {
        var file = Pack(gzipped: true, tar => Add(tar, TarEntryFormat.Pax, name, "x"));

        Assert.Equal(code, Assert.Throws<InputException>(() => Archive.TryOpen(file, "upload.tar.gz", 1 << 20)).Code);
    }

    [Fact]
    public void TryOpen_RefusesAHeaderOfAGigabyte_WithoutReadingIt()
    {
        var header = new byte[512];
        "long"u8.CopyTo(header);
        "10000000000\0"u8.CopyTo(header.AsSpan(124));   // octal
        header[156] = (byte)'x';
        "ustar\0"u8.CopyTo(header.AsSpan(257));
        Write(header.AsSpan(148, 8), header.Sum(b => b) + (8 * ' '));
        var file = Path.Combine(_directory.FullName, "upload");
        File.WriteAllBytes(file, header);

        Assert.Equal("archive.damaged", Assert.Throws<InputException>(() => Archive.TryOpen(file, "upload.tar", 1 << 20)).Code);
    }

    [Fact]
    public void TryOpen_RefusesMoreThanIsAllowed_ACutFile_AndWhatFollowsTheEnd()
    {
        var file = Pack(gzipped: false, tar => Add(tar, TarEntryFormat.Ustar, "a.csv", new string('x', 5000)));
        var bytes = File.ReadAllBytes(file);

        Assert.Equal("archive.bomb", Assert.Throws<InputException>(() => Archive.TryOpen(file, "upload.tar", 4999)).Code);
        File.WriteAllBytes(file, bytes[..3000]);
        Assert.Equal("archive.damaged", Assert.Throws<InputException>(() => Archive.TryOpen(file, "upload.tar", 1 << 20)).Code);
        File.WriteAllBytes(file, [.. bytes, 1]);
        Assert.Equal("archive.damaged", Assert.Throws<InputException>(() => Archive.TryOpen(file, "upload.tar", 1 << 20)).Code);
    }

    /// <summary>GNU tar writes numbers that are too large for octal digits in base 256; in a field of eight bytes, too.</summary>
    [Theory]
    [InlineData(148, 8, true, null)]
    [InlineData(148, 8, false, "archive.damaged")]
    [InlineData(124, 12, true, null)]
    [InlineData(124, 12, false, "archive.damaged")]
    public void TryOpen_ReadsNumbersInBase256(int at, int length, bool isRight, string? refused)
    {
        var file = Pack(gzipped: false, tar => Add(tar, TarEntryFormat.Ustar, "a.csv", "text"));
        var bytes = File.ReadAllBytes(file);
        var field = bytes.AsSpan(at, length);
        var value = Convert.ToInt64(Encoding.ASCII.GetString(field).Trim('\0', ' '), 8);
        field.Fill((byte)(isRight ? 0 : 0xFF));
        BinaryPrimitives.WriteInt32BigEndian(field[^4..], (int)value);
        field[0] = 0x80;
        if (at != 148)
        {
            bytes.AsSpan(148, 8).Fill((byte)' ');
            Write(bytes.AsSpan(148, 8), bytes.Take(512).Sum(b => b));
        }

        File.WriteAllBytes(file, bytes);

        var refusal = Record.Exception(() => Assert.Equal(4, Assert.Single(Archive.TryOpen(file, "upload.tar", 1 << 20)!.Entries).Size));

        Assert.Equal(refused, (refusal as InputException)?.Code);
        Assert.True(refusal is null or InputException, refusal?.ToString());
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static void Write(Span<byte> field, int number) => Encoding.ASCII.GetBytes(Convert.ToString(number, 8).PadLeft(6, '0') + "\0 ").CopyTo(field);

    private static void Add(TarWriter tar, TarEntryFormat format, string name, string content)
    {
        TarEntry entry = format switch
        {
            TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
            TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
            TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
            _ => new PaxTarEntry(TarEntryType.RegularFile, name),
        };
        entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content));
        tar.WriteEntry(entry);
    }

    private string Pack(bool gzipped, Action<TarWriter> fill)
    {
        var file = Path.Combine(_directory.FullName, "upload");
        using var written = File.Create(file);
        using var packed = gzipped ? new GZipStream(written, CompressionLevel.Fastest) : (Stream)written;
        using var tar = new TarWriter(packed, TarEntryFormat.Pax);
        fill(tar);
        return file;
    }
}
