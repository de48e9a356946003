namespace ExperimentHub.Engine.Datasets.Reading;

/// <summary>A growing view of a stream, or of bytes in memory, from the record in hand onwards.</summary>
internal sealed class ByteWindow
{
    /// <summary>No record (row, list element) may be longer; it bounds memory whatever the file holds.</summary>
    internal const int LongestRecord = 4 << 20;

    private const int ReadAtOnce = 1 << 16;

    private readonly Stream? _stream;
    private ReadOnlyMemory<byte> _bytes;
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    internal ByteWindow(Stream stream)
    {
        _stream = stream;
        _buffer = new byte[ReadAtOnce];
        _bytes = _buffer;
    }

    /// <summary>Over bytes that are there already; they are not copied.</summary>
    internal ByteWindow(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>True when the stream has no more than what is in view.</summary>
    internal bool AtEnd { get; private set; }

    /// <summary>Bytes left behind so far.</summary>
    internal long Position { get; private set; }

    internal ReadOnlySpan<byte> Bytes => _bytes.Span[_start.._end];

    internal bool IsFull => _end - _start >= LongestRecord;

    internal void Advance(int count)
    {
        _start += count;
        Position += count;
    }

    /// <summary>Brings more into view; false when there is no more, or no more room.</summary>
    internal bool Fill()
    {
        if (AtEnd || IsFull)
        {
            return false;
        }

        if (_stream is null)
        {
            var visible = Math.Min(_bytes.Length, _start + LongestRecord);
            AtEnd = visible == _end;
            _end = visible;
            return !AtEnd;
        }

        if (_start > 0 && (_start >= _buffer.Length / 2 || _end == _buffer.Length))
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, LongestRecord + ReadAtOnce));
            _bytes = _buffer;
        }

        var read = _stream.Read(_buffer.AsSpan(_end));
        _end += read;
        AtEnd = read == 0;
        return read > 0;
    }

    /// <summary>Skips to after the next <paramref name="lineEnd"/>, however far that is.</summary>
    internal void SkipLine(byte lineEnd)
    {
        do
        {
            var found = Bytes.IndexOf(lineEnd);
            if (found >= 0)
            {
                Advance(found + 1);
                return;
            }

            Advance(Bytes.Length);
        }
        while (Fill());
    }
}
