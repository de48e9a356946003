using ExperimentHub.Web.Data;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Metrics;

/// <summary>metrics.db: its schema and how connections to it are opened. The SQL of points stands in <see cref="MetricWriter"/> and <see cref="MetricReader"/>.</summary>
public sealed class MetricDatabase
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS attempts(
          attempt_id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, number INTEGER NOT NULL,
          offset INTEGER NOT NULL DEFAULT 0, line INTEGER NOT NULL DEFAULT 0, last_seq INTEGER NOT NULL DEFAULT 0,
          heard_at INTEGER, step INTEGER, step_at INTEGER, start_step INTEGER, total_steps INTEGER, log_count INTEGER NOT NULL DEFAULT 0,
          started TEXT, progress TEXT, finished TEXT);
        CREATE INDEX IF NOT EXISTS attempts_of_run ON attempts(run_id, number);
        CREATE TABLE IF NOT EXISTS series(
          series_id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, key TEXT NOT NULL, next_no INTEGER NOT NULL DEFAULT 0,
          count INTEGER NOT NULL DEFAULT 0, last REAL, last_step INTEGER NOT NULL DEFAULT 0, last_time INTEGER NOT NULL DEFAULT 0,
          min REAL, min_step INTEGER NOT NULL DEFAULT 0, max REAL, max_step INTEGER NOT NULL DEFAULT 0,
          UNIQUE(run_id, key));
        CREATE TABLE IF NOT EXISTS segments(
          series_id INTEGER NOT NULL, first_no INTEGER NOT NULL, attempt INTEGER NOT NULL, n INTEGER NOT NULL,
          first_step INTEGER NOT NULL, last_step INTEGER NOT NULL, min REAL, max REAL, last REAL, data BLOB NOT NULL,
          PRIMARY KEY(series_id, first_no)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS log(
          attempt_id INTEGER NOT NULL, no INTEGER NOT NULL, time INTEGER NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL,
          PRIMARY KEY(attempt_id, no)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS marks(
          attempt_id INTEGER NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL, json TEXT NOT NULL,
          PRIMARY KEY(attempt_id, seq)) WITHOUT ROWID;
        PRAGMA user_version=1;
        """;

    private const int SchemaVersion = 1;

    private readonly TimeSpan _timeout;
    private readonly string _readString;
    private readonly string _writeString;
    private readonly NewConnections _readers = new();

    public MetricDatabase(HubPaths paths, IOptions<HubOptions> options)
    {
        _timeout = options.Value.DatabaseTimeout;
        _writeString = new SqliteConnectionStringBuilder { DataSource = paths.MetricsDatabase, Pooling = false, DefaultTimeout = (int)Math.Ceiling(_timeout.TotalSeconds) }.ToString();
        using var connection = OpenWriter();
        using var version = connection.CreateCommand();
        version.CommandText = "PRAGMA user_version";
        var found = Convert.ToInt32(version.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
        if (found > SchemaVersion)
        {
            throw new InvalidOperationException($"metrics.db was written by a newer ExperimentHub (schema {found}); start that version.");
        }

        Execute(connection, Schema);
        _readString = new SqliteConnectionStringBuilder { DataSource = paths.MetricsDatabase, Mode = SqliteOpenMode.ReadWrite, Pooling = true }.ToString();
    }

    /// <summary>The one writer's connection; a commit survives a killed process, not always a power loss (then a file is shorter than its offset).</summary>
    internal SqliteConnection OpenWriter()
    {
        var connection = new SqliteConnection(_writeString);
        connection.Open();
        Execute(connection, $"PRAGMA busy_timeout={(int)_timeout.TotalMilliseconds}; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=10000; PRAGMA cache_size=-65536;");
        return connection;
    }

    internal SqliteConnection OpenReader()
    {
        var connection = new SqliteConnection(_readString);
        connection.Open();
        _readers.Prepare(connection, "PRAGMA busy_timeout=5000; PRAGMA cache_size=-4096; PRAGMA query_only=ON;");
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
