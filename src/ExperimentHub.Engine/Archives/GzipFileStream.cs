using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.Checksum;
using ICSharpCode.SharpZipLib.Zip.Compression;

namespace ExperimentHub.Engine.Archives;

/// <summary>
/// Decompresses a gzip file (RFC 1952) of one or more members, checking length and CRC of each and that nothing follows. The name
/// inside is text that nobody uses.
/// </summary>
internal sealed class GzipFileStream(Stream source, string fileName) : ReadOnlyStream
{
    /// <summary>Text shrinks to a tenth; what shrinks more than this, and is large, is made to fill a disk.</summary>
    internal const int HighestRatio = 250;

    internal const long RatioMattersFrom = 64L << 20;

    private readonly string _name = InputException.Quote(fileName);
    private readonly Inflater _inflater = new(noHeader: true);
    private readonly Crc32 _crc = new();
    private readonly byte[] _input = new byte[1 << 16];
    private int _inputStart;
    private int _inputEnd;
    private long _taken;
    private long _produced;
    private long _member;
    private bool _inMember;
    private bool _ended;

    internal static bool IsGzip(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (count == 0)
        {
            return 0;
        }

        while (!_ended)
        {
            if (!_inMember && !BeginMember())
            {
                _ended = true;
                break;
            }

            var read = Inflate(buffer, offset, count);
            if (read > 0)
            {
                _crc.Update(new ArraySegment<byte>(buffer, offset, read));
                _member += read;
                _produced += read;
                if (_produced > RatioMattersFrom && _produced / HighestRatio > _taken)
                {
                    throw Damaged("unpacks to more than 250 times its size, which no text does");
                }

                return read;
            }

            EndMember();
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        source.Dispose();
        base.Dispose(disposing);
    }

    private int Inflate(byte[] buffer, int offset, int count)
    {
        try
        {
            while (true)
            {
                var read = _inflater.Inflate(buffer, offset, count);
                if (read > 0 || _inflater.IsFinished)
                {
                    return read;
                }

                if (_inputStart == _inputEnd && !Fill())
                {
                    throw Damaged("is cut off");
                }

                _inflater.SetInput(_input, _inputStart, _inputEnd - _inputStart);
                _inputStart = _inputEnd;
            }
        }
        catch (Exception e) when (e is SharpZipBaseException or IndexOutOfRangeException)   // the second for some impossible Huffman tables
        {
            throw Damaged("is damaged");
        }
    }

    private bool BeginMember()
    {
        var first = NextByte();
        while (first == 0 && _taken > 1)
        {
            first = NextByte();   // zeros may pad the end of a tape
        }

        if (first < 0 && _taken > 0)
        {
            return false;
        }

        if (first != 0x1F || NextByte() != 0x8B)
        {
            throw Damaged("has bytes after its end that are no gzip");
        }

        if (NextByte() != 8)
        {
            throw Damaged("is compressed in a way that is not known");
        }

        var flags = NeedByte();
        Skip(6);
        if ((flags & 4) != 0)
        {
            Skip(NeedByte() | (NeedByte() << 8));
        }

        SkipText((flags & 8) != 0);    // the original name
        SkipText((flags & 16) != 0);   // a comment
        if ((flags & 2) != 0)
        {
            Skip(2);
        }

        _inflater.Reset();
        _crc.Reset();
        _member = 0;
        _inMember = true;
        return true;
    }

    private void EndMember()
    {
        // What the inflater did not use belongs to the trailer and to what follows.
        _inputStart = _inputEnd - _inflater.RemainingInput;
        uint crc = 0;
        uint length = 0;
        for (var i = 0; i < 4; i++)
        {
            crc |= (uint)NeedByte() << (8 * i);
        }

        for (var i = 0; i < 4; i++)
        {
            length |= (uint)NeedByte() << (8 * i);
        }

        if (crc != (uint)_crc.Value || length != (uint)_member)
        {
            throw Damaged("is damaged (its checksum is wrong)");
        }

        _inMember = false;
    }

    private bool Fill()
    {
        _inputStart = 0;
        _inputEnd = source.Read(_input, 0, _input.Length);
        _taken += _inputEnd;
        return _inputEnd > 0;
    }

    private int NextByte() => _inputStart < _inputEnd || Fill() ? _input[_inputStart++] : -1;

    private int NeedByte() => NextByte() is var b and >= 0 ? b : throw Damaged("is cut off");

    private void Skip(int count)
    {
        for (var i = 0; i < count; i++)
        {
            NeedByte();
        }
    }

    private void SkipText(bool present)
    {
        while (present && NeedByte() != 0)
        {
        }
    }

    private InputException Damaged(string how) => new($"{_name} {how}; pack it again or upload it unpacked.", "archive.gzip", _name);
}
