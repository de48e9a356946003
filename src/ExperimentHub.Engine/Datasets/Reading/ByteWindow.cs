namespace ExperimentHub.Engine.Datasets.Reading;

/// <summary>A growing view of a stream from the record in hand onwards.</summary>
internal sealed class ByteWindow(Stream stream)
{
    /// <summary>No record (row, list element) may be longer; it bounds memory whatever the file holds.</summary>
    internal const int LongestRecord = 4 << 20;

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>True when the stream has no more than what is in view.</summary>
    internal bool AtEnd { get; private set; }

    /// <summary>Bytes left behind so far.</summary>
    internal long Position { get; private set; }

    internal ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_start, _end - _start);

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

        if (_start > 0 && (_start >= _buffer.Length / 2 || _end == _buffer.Length))
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = stream.Read(_buffer.AsSpan(_end));
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
