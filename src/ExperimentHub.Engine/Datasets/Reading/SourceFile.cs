using System.Text;
using ExperimentHub.Engine.Archives;

namespace ExperimentHub.Engine.Datasets.Reading;

/// <summary>An uploaded file, unpacked on the fly when it is a gzip, or a zip or tar with one data file.</summary>
internal sealed class SourceFile
{
    private const long LargestUnpacked = 20L << 30;

    private static readonly string[] s_dataExtensions = [".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson"];

    private readonly string _path;
    private readonly Func<Stream> _open;
    private readonly bool _isPacked;

    private SourceFile(string path, string fileName, string innerName, bool isPacked, Func<Stream> open)
    {
        _path = path;
        _isPacked = isPacked;
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
    internal (ReadOnlyMemory<byte> Bytes, bool Whole) Sample(int length)
    {
        using var stream = _open();
        var buffer = new byte[Math.Min(length, Math.Max(4096, GuessLength())) + 1];
        var read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        var whole = read < buffer.Length;
        return (buffer.AsMemory(0, whole ? read : read - 1), whole);

        long GuessLength() => _isPacked ? length : Bytes;
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

        if (Archive.TryOpen(path, fileName, LargestUnpacked) is { } archive)
        {
            var entry = ChooseEntry(archive, fileName);
            return new SourceFile(path, fileName, entry.FileName, isPacked: true, () => archive.Read(entry));
        }

        if (GzipFileStream.IsGzip(start))
        {
            var inner = fileName.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? fileName[..^3] : fileName;
            return new SourceFile(path, fileName, inner, isPacked: true, () => new GzipFileStream(File.OpenRead(path), fileName));
        }

        return new SourceFile(path, fileName, fileName, isPacked: false, () => File.OpenRead(path));
    }

    private static ArchiveEntry ChooseEntry(Archive archive, string fileName)
    {
        if (archive.Entries.Any(e => e.Name == "[Content_Types].xml"))
        {
            throw Unsupported(fileName, "an office document");
        }

        var data = archive.Entries.Where(e => s_dataExtensions.Contains(Path.GetExtension(e.FileName), StringComparer.OrdinalIgnoreCase)).ToList();
        return data.Count == 1 ? data[0]
            : data.Count == 0 && archive.Entries.Count == 1 ? archive.Entries[0]
            : throw new InputException(
                $"{InputException.Quote(fileName)} holds {(data.Count == 0 ? "no data file" : $"{data.Count} data files")}; pack one CSV, TSV, JSON or JSON lines file.",
                "dataset.zip_entries",
                InputException.Quote(fileName),
                data.Count);
    }

    private static void RefuseKnown(ReadOnlySpan<byte> start, string fileName)
    {
        var kind = start.StartsWith("PAR1"u8) || start.StartsWith("PAR2"u8) ? "a Parquet file"
            : Archive.IsZip(start) || GzipFileStream.IsGzip(start) ? "an archive inside an archive"
            : start.StartsWith("%PDF"u8) ? "a PDF"
            : start.StartsWith("SQLite"u8) ? "a database"
            : start.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]) ? "an old office document"
            : start.StartsWith("7z\xBC"u8) || start.StartsWith("Rar!"u8) || start.StartsWith("BZh"u8) || start.StartsWith((ReadOnlySpan<byte>)[0xFD, 0x37, 0x7A]) ? "an archive of another kind than zip, tar or gzip"
            : TarDirectory.IsTar(start) ? "an archive inside an archive"
            : null;
        if (kind is not null)
        {
            throw Unsupported(fileName, kind);
        }
    }

    private static InputException Unsupported(string fileName, string kind) => new(
        $"{InputException.Quote(fileName)} is {kind}; save the rows as CSV, TSV, JSON or JSON lines (plain, gzip, zip or tar).", "dataset.kind", InputException.Quote(fileName), kind);
}
