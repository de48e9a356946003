using System.Threading.Channels;
using ExperimentHub.Web.Data;
using Microsoft.Data.Sqlite;

namespace ExperimentHub.Web.Metrics;

/// <summary>
/// The one writer of metrics.db. Batches that wait are committed together: at once when the store was idle, else every 50 ms. A batch
/// and the offset it was read up to are one transaction, so whatever dies, each event is stored exactly once.
/// </summary>
public sealed partial class MetricWriter : IAsyncDisposable
{
    private const int LargeBatch = 1000;   // events

    private static readonly TimeSpan s_commitEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);

    private readonly Channel<Entry> _entries = Channel.CreateBounded<Entry>(new BoundedChannelOptions(4096) { SingleReader = true });
    private readonly MetricDatabase _database;
    private readonly ILogger<MetricWriter> _logger;
    private readonly CancellationTokenSource _abandon = new();
    private readonly Task _loop;

    public MetricWriter(MetricDatabase database, ILogger<MetricWriter> logger)
    {
        _database = database;
        _logger = logger;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Called after each commit, on the writer's own thread: must return at once.</summary>
    public event Action<IReadOnlyList<EventBatch>>? Committed;

    /// <summary>Why nothing can be stored at the moment (a full disk, a locked file); null when all is well. Nothing is lost: it is tried again.</summary>
    public StoreFault? Fault { get; private set; }

    /// <summary>Called when <see cref="Fault"/> has come or gone, on the writer's own thread: must return at once.</summary>
    public event Action? FaultChanged;

    /// <summary>
    /// Hands a batch over; the inner task ends when it is on disk. A large batch (a hub that catches up) is waited for here, so that
    /// what was read and is not stored yet stays small.
    /// </summary>
    public async ValueTask<Task> WriteAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        var entry = new Entry(batch, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await _entries.Writer.WriteAsync(entry, cancellationToken);
        if (batch.Events.Count >= LargeBatch)
        {
            await entry.Done.Task.WaitAsync(cancellationToken);
        }

        return entry.Done.Task;
    }

    /// <summary>After this what is committed survives a power loss too: a run that is told as ended is never read again.</summary>
    public void Flush()
    {
        using var connection = _database.OpenWriter();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(FULL)";
        command.ExecuteNonQuery();
    }

    /// <summary>Forgets a purged run's curves.</summary>
    public void Purge(int runId, IReadOnlyCollection<int> attemptIds)
    {
        using var connection = _database.OpenWriter();
        using var transaction = connection.BeginTransaction();
        foreach (var sql in new[]
        {
            "DELETE FROM segments WHERE series_id IN (SELECT series_id FROM series WHERE run_id=$run)",
            "DELETE FROM series WHERE run_id=$run",
            $"DELETE FROM log WHERE attempt_id IN ({string.Join(',', attemptIds)})",
            $"DELETE FROM marks WHERE attempt_id IN ({string.Join(',', attemptIds)})",
            "DELETE FROM attempts WHERE run_id=$run",
        })
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.Parameters.AddWithValue("$run", runId);
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        if (await Task.WhenAny(_loop, Task.Delay(TimeSpan.FromSeconds(5))) != _loop)
        {
            await _abandon.CancelAsync();   // what was not stored is read again from the events file at the next start
        }

        await _loop;
        _abandon.Dispose();
    }

    private async Task RunAsync()
    {
        var waiting = new List<Entry>();
        MetricTransaction? transaction = null;
        var lastCommit = DateTimeOffset.MinValue;
        try
        {
            while (await _entries.Reader.WaitToReadAsync(_abandon.Token))
            {
                var rest = s_commitEvery - (DateTimeOffset.UtcNow - lastCommit);
                if (rest > TimeSpan.Zero && rest <= s_commitEvery)
                {
                    await Task.Delay(rest, _abandon.Token);
                }

                while (waiting.Count < 1000 && _entries.Reader.TryRead(out var entry))
                {
                    waiting.Add(entry);
                }

                while (!TryCommit(ref transaction, waiting))
                {
                    await Task.Delay(s_retryAfter, _abandon.Token);
                }

                lastCommit = DateTimeOffset.UtcNow;
                Tell(waiting);
                waiting.Clear();
            }
        }
        catch (OperationCanceledException) when (_abandon.IsCancellationRequested)
        {
            foreach (var entry in waiting)
            {
                entry.Done.TrySetCanceled();
            }
        }
        finally
        {
            transaction?.Dispose();
        }
    }

    private bool TryCommit(ref MetricTransaction? transaction, List<Entry> waiting)
    {
        try
        {
            transaction ??= new MetricTransaction(_database.OpenWriter());
            transaction.Run(waiting.Select(w => w.Batch));
            Say(null);
            return true;
        }
        catch (SqliteException e)
        {
            // 1. If the hub dies here, nothing of these batches is in the file: they are read again from the stored offset.
            transaction?.Dispose();
            transaction = null;   // its caches may be ahead of the file
            Say(StoreFault.Of(e) ?? new StoreFault("store.unwritable", $"metrics.db cannot be written ({e.Message})."));
            LogFault(e, Fault!.Message);
            return false;
        }
    }

    private void Say(StoreFault? fault)
    {
        if (fault == Fault)
        {
            return;
        }

        Fault = fault;
        try
        {
            FaultChanged?.Invoke();
        }
        catch (Exception e)
        {
            LogSubscriber(e);   // a page's fault is not the store's
        }
    }

    private void Tell(List<Entry> written)
    {
        foreach (var entry in written)
        {
            entry.Done.TrySetResult();
        }

        try
        {
            Committed?.Invoke([.. written.Select(w => w.Batch)]);
        }
        catch (Exception e)
        {
            LogSubscriber(e);   // a page's fault is not the store's
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Fault}")]
    private partial void LogFault(Exception exception, string fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "A subscriber to stored metrics failed")]
    private partial void LogSubscriber(Exception exception);

    private sealed record Entry(EventBatch Batch, TaskCompletionSource Done);
}
