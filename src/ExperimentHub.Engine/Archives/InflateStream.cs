using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.Checksum;
using ICSharpCode.SharpZipLib.Zip.Compression;

namespace ExperimentHub.Engine.Archives;

/// <summary>
/// Decompresses one file of an archive (deflated or stored) and checks it on the way: exact sizes, CRC, no more than its declared
/// length. .NET's own streams let a wrong size, a wrong CRC or a cut file pass.
/// </summary>
internal sealed class InflateStream : ReadOnlyStream
{
    private readonly Stream _source;
    private readonly ZipEntry _entry;
    private readonly Func<string, InputException> _damaged;
    private readonly Inflater? _inflater;
    private readonly Crc32 _crc = new();
    private readonly byte[] _input = new byte[1 << 16];
    private long _inputLeft;
    private long _produced;
    private bool _ended;

    /// <param name="source">The archive, positioned at the data; owned by this stream.</param>
    /// <param name="entry">What the directory says of the file.</param>
    /// <param name="damaged">Makes the error from what is wrong.</param>
    internal InflateStream(Stream source, ZipEntry entry, Func<string, InputException> damaged)
    {
        _source = source;
        _entry = entry;
        _damaged = damaged;
        _inputLeft = entry.CompressedSize;
        _inflater = entry.IsDeflated ? new Inflater(noHeader: true) : null;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_ended || count == 0)
        {
            return 0;
        }

        var read = _inflater is null ? ReadStored(buffer, offset, count) : Inflate(buffer, offset, count);
        _produced += read;
        if (_produced > _entry.Size)
        {
            throw _damaged("is longer than the archive's directory says");
        }

        _crc.Update(new ArraySegment<byte>(buffer, offset, read));
        if (read == 0)
        {
            _ended = true;
            if (_produced != _entry.Size || _inputLeft > 0)
            {
                throw _damaged("has another length than the archive's directory says");
            }

            if ((uint)_crc.Value != _entry.Crc)
            {
                throw _damaged("is damaged (its checksum is wrong)");
            }
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        _source.Dispose();
        base.Dispose(disposing);
    }

    private int ReadStored(byte[] buffer, int offset, int count)
    {
        var read = _source.Read(buffer, offset, (int)Math.Min(count, _inputLeft));
        _inputLeft -= read;
        return read;
    }

    private int Inflate(byte[] buffer, int offset, int count)
    {
        try
        {
            while (true)
            {
                var read = _inflater!.Inflate(buffer, offset, count);
                if (read > 0 || _inflater.IsFinished)
                {
                    return read;
                }

                if (_inflater.IsNeedingDictionary || _inputLeft == 0)
                {
                    throw _damaged("is cut off");
                }

                var input = _source.Read(_input, 0, (int)Math.Min(_input.Length, _inputLeft));
                if (input == 0)
                {
                    throw _damaged("is cut off");
                }

                _inputLeft -= input;
                _inflater.SetInput(_input, 0, input);
            }
        }
        catch (Exception e) when (e is SharpZipBaseException or IndexOutOfRangeException)   // the second for some impossible Huffman tables
        {
            throw _damaged("is damaged");
        }
    }
}
