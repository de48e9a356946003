using System.Text;
using ExperimentHub.Engine.Archives;

namespace ExperimentHub.Engine.Datasets.Reading;

/// <summary>An uploaded file, unpacked on the fly when it is a gzip or a zip with one data file.</summary>
internal sealed class SourceFile
{
    private const long LargestUnpacked = 20L << 30;

    private static readonly string[] s_dataExtensions = [".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson"];

    private readonly string _path;
    private readonly Func<Stream> _open;

    private SourceFile(string path, string fileName, string innerName, Func<Stream> open)
    {
        _path = path;
        FileName = fileName;
        InnerName = innerName;
        _open = open;
        Bytes = new FileInfo(path).Length;
    }

    /// <summary>As uploaded.</summary>
    internal string FileName { get; }

    /// <summary>The name inside the archive, which says more about the format.</summary>
    internal string InnerName { get; }

    /// <summary>Size of the upload.</summary>
    internal long Bytes { get; }

    internal string ContentHash() => Engine.ContentHash.OfFile(_path);

    /// <exception cref="InputException">The file is missing, an archive that cannot be used, or of a kind that holds no rows of text.</exception>
    internal static SourceFile Open(string path, string fileName)
    {
        if (!File.Exists(path))
        {
            throw new InputException($"{InputException.Quote(fileName)} is not there any more; choose the file again.", "dataset.file_missing", InputException.Quote(fileName));
        }

        var source = OpenPacked(path, fileName);
        using var stream = source.OpenBytes();
        var start = new byte[512];
        RefuseKnown(start.AsSpan(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)), fileName);
        return source;
    }

    internal Stream OpenBytes() => _open();

    /// <summary>The text as UTF-8 bytes.</summary>
    internal Stream OpenUtf8(string encoding) =>
        encoding == EncodingGuess.Utf8 ? _open() : Encoding.CreateTranscodingStream(_open(), EncodingGuess.Encoding(encoding), Encoding.UTF8);

    /// <summary>The first bytes, unpacked; <c>Whole</c> says that there are no more.</summary>
    internal (byte[] Bytes, bool Whole) Sample(int length)
    {
        using var stream = _open();
        var buffer = new byte[Math.Min(length, Math.Max(4096, GuessLength())) + 1];
        var read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        var whole = read < buffer.Length;
        return (buffer[..(whole ? read : read - 1)], whole);

        long GuessLength() => ReferenceEquals(FileName, InnerName) ? Bytes : length;
    }

    private static SourceFile OpenPacked(string path, string fileName)
    {
        var start = new byte[4];
        using (var stream = File.OpenRead(path))
        {
            if (stream.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 0)
            {
                throw new InputException($"{InputException.Quote(fileName)} is empty; choose a file with rows.", "dataset.empty", InputException.Quote(fileName));
            }
        }

        if (start.AsSpan().StartsWith("PK"u8) && start[2] is 1 or 3 or 5 or 7)
        {
            var zip = ZipDirectory.Open(path, fileName, LargestUnpacked);
            var entry = ChooseEntry(zip, fileName);
            return new SourceFile(path, fileName, entry.FileName, () => zip.Read(entry));
        }

        if (start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            var inner = fileName.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? fileName[..^3] : fileName + "";
            return new SourceFile(path, fileName, inner, () => new GzipFileStream(File.OpenRead(path), fileName));
        }

        return new SourceFile(path, fileName, fileName, () => File.OpenRead(path));
    }

    private static ZipEntry ChooseEntry(ZipDirectory zip, string fileName)
    {
        if (zip.Entries.Any(e => e.Name == "[Content_Types].xml"))
        {
            throw Unsupported(fileName, "an office document");
        }

        var data = zip.Entries.Where(e => s_dataExtensions.Contains(Path.GetExtension(e.FileName), StringComparer.OrdinalIgnoreCase)).ToList();
        return data.Count == 1 ? data[0]
            : data.Count == 0 && zip.Entries.Count == 1 ? zip.Entries[0]
            : throw new InputException(
                $"{InputException.Quote(fileName)} holds {(data.Count == 0 ? "no data file" : $"{data.Count} data files")}; pack one CSV, TSV, JSON or JSON lines file.",
                "dataset.zip_entries",
                InputException.Quote(fileName),
                data.Count);
    }

    private static void RefuseKnown(ReadOnlySpan<byte> start, string fileName)
    {
        var kind = start.StartsWith("PAR1"u8) || start.StartsWith("PAR2"u8) ? "a Parquet file"
            : start.StartsWith("PK\x03\x04"u8) || start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? "an archive inside an archive"
            : start.StartsWith("%PDF"u8) ? "a PDF"
            : start.StartsWith("SQLite"u8) ? "a database"
            : start.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]) ? "an old office document"
            : start.StartsWith("7z\xBC"u8) || start.StartsWith("Rar!"u8) || start.StartsWith("BZh"u8) || start.StartsWith((ReadOnlySpan<byte>)[0xFD, 0x37, 0x7A]) ? "an archive of another kind than zip or gzip"
            : start.Length > 262 && start.Slice(257, 5).SequenceEqual("ustar"u8) ? "a tar archive"
            : null;
        if (kind is not null)
        {
            throw Unsupported(fileName, kind);
        }
    }

    private static InputException Unsupported(string fileName, string kind) => new(
        $"{InputException.Quote(fileName)} is {kind}; save the rows as CSV, TSV, JSON or JSON lines (plain, gzip or zip).", "dataset.kind", InputException.Quote(fileName), kind);
}
