namespace ExperimentHub.Engine.Archives;

/// <summary>The next so many bytes of a stream; <paramref name="cutOff"/> makes the error where there are fewer.</summary>
internal sealed class LimitedStream(Stream source, long length, Func<InputException> cutOff) : ReadOnlyStream
{
    private long _left = length;

    /// <summary>Bytes that were not read yet.</summary>
    internal long Left => _left;

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_left == 0 || count == 0)
        {
            return 0;
        }

        var read = source.Read(buffer, offset, (int)Math.Min(count, _left));
        _left -= read > 0 ? read : throw cutOff();
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        source.Dispose();
        base.Dispose(disposing);
    }
}
