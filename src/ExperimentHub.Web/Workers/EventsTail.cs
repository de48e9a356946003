using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Metrics;

namespace ExperimentHub.Web.Workers;

/// <summary>Reads one attempt's events file as it grows, from where the store says that it has got to.</summary>
internal sealed class EventsTail(AttemptKey attempt, string token, JobFolder folder, ReadPosition position) : IDisposable
{
    private const int ChunkBytes = 2 << 20;

    private FileStream? _file;

    public ReadPosition Position { get; private set; } = position;

    /// <summary>True when the file holds less than was stored: it lost its end in a power loss, and what follows cannot be trusted.</summary>
    public bool IsShorterThanStored { get; private set; }

    /// <summary>What has come since the last call; null when nothing has. <paramref name="complete"/>: the writer is dead.</summary>
    public EventBatch? Read(bool complete)
    {
        if (_file is null && !TryOpen())
        {
            return null;
        }

        var length = RandomAccess.GetLength(_file!.SafeFileHandle);
        if (length < Position.Offset)
        {
            IsShorterThanStored = true;
            return null;
        }

        if (length == Position.Offset)
        {
            return null;
        }

        var buffer = new byte[(int)Math.Min(length - Position.Offset, ChunkBytes)];
        var read = RandomAccess.Read(_file.SafeFileHandle, buffer, Position.Offset);
        var bytes = buffer.AsSpan(0, read);
        if (bytes.Length == ChunkBytes && !bytes.Contains((byte)'\n'))
        {
            return SkipLongLine(length);
        }

        var batch = EventParser.Parse(attempt, token, Position, bytes, complete && Position.Offset + read == length);
        if (batch.Position == Position)
        {
            return null;
        }

        Position = batch.Position;
        return batch;
    }

    public void Dispose() => _file?.Dispose();

    private bool TryOpen()
    {
        if (!File.Exists(folder.EventsFile))
        {
            return false;
        }

        _file = new FileStream(folder.EventsFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        return true;
    }

    /// <summary>A line longer than a chunk is left out without ever being held in memory.</summary>
    private EventBatch? SkipLongLine(long length)
    {
        var buffer = new byte[1 << 16];
        for (var at = Position.Offset; at < length; at += buffer.Length)
        {
            var read = RandomAccess.Read(_file!.SafeFileHandle, buffer, at);
            var end = buffer.AsSpan(0, read).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Position.Line + 1;
                var warning = new LogEvent
                {
                    Time = DateTimeOffset.UtcNow,
                    Level = "warning",
                    Text = $"Line {line} of events.jsonl has {at + end - Position.Offset} bytes and was left out.",
                };
                Position = Position with { Offset = at + end + 1, Line = line };
                return new EventBatch(attempt, Position, [warning]);
            }
        }

        return null;
    }
}
