using System.Text.Json;

namespace ExperimentHub.Engine.Protocol;

/// <summary>
/// Appends events; the worker's side. Safe to call from several threads. A line is handed to the operating system before the call
/// returns, so a killed worker loses nothing it has reported; only a power loss can cut the file's end.
/// </summary>
public sealed class EventWriter : IDisposable
{
    private static readonly TimeSpan s_heartbeatEvery = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private readonly string _token;
    private readonly Timer _heartbeat;
    private long _seq;
    private long _length;
    private long _step;
    private bool _closed;

    public EventWriter(JobFolder folder, string token)
    {
        _token = token;
        // An attempt has one writer: CreateNew refuses a second worker on the same folder.
        _file = new FileStream(folder.EventsFile, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _heartbeat = new Timer(_ => Beat(), null, s_heartbeatEvery, s_heartbeatEvery);
    }

    /// <summary>The step that heartbeats tell.</summary>
    public long Step
    {
        get => Interlocked.Read(ref _step);
        set => Interlocked.Exchange(ref _step, value);
    }

    public void Write(WorkerEvent e)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            var line = JsonSerializer.SerializeToUtf8Bytes(
                e with { Seq = _seq + 1, Time = DateTimeOffset.UtcNow, Token = _token }, WireJson.Options);
            var whole = new byte[line.Length + 1];
            line.CopyTo(whole, 0);
            whole[^1] = (byte)'\n';
            Append(whole);
            _seq++;
            if (e is FinishedEvent or CheckpointEvent)
            {
                _file.Flush(flushToDisk: true);
            }

            _closed = e is FinishedEvent;
        }
    }

    public void Log(string text, string level = "info") => Write(new LogEvent { Text = text, Level = level });

    public void Dispose()
    {
        _heartbeat.Dispose();
        _file.Dispose();
    }

    /// <summary>One write: a reader sees the line whole or not yet. What a full disk cut off is taken back, so that the next line stands by itself.</summary>
    private void Append(byte[] line)
    {
        try
        {
            _file.Write(line);
            _length += line.Length;
        }
        catch (IOException)
        {
            _file.SetLength(_length);
            throw;
        }
    }

    private void Beat()
    {
        try
        {
            Write(new HeartbeatEvent { Step = Step, MemoryMb = Math.Round(Environment.WorkingSet / 1048576.0, 1) });
        }
        catch (IOException)
        {
            // A full disk: the next event of the job itself fails and ends it with the reason; the heartbeat must not end the process.
        }
        catch (ObjectDisposedException)
        {
            // The timer fired while the job was ending.
        }
    }
}
