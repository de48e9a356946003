using System.Runtime.InteropServices;
using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using Microsoft.Data.Sqlite;

namespace ExperimentHub.Web.Metrics;

/// <summary>
/// Writes batches of events into metrics.db, all in one transaction, over one connection whose commands are prepared once. After an
/// exception it must be thrown away, as what it remembers of the series may then be ahead of the file.
/// </summary>
internal sealed class MetricTransaction(SqliteConnection connection) : IDisposable
{
    /// <summary>Segments of a series that are merged into one when so many have gathered since the last merge.</summary>
    private const int MergeAfter = 128;

    private readonly Dictionary<(int RunId, string Key), WrittenSeries> _series = [];
    private readonly Dictionary<string, SqliteCommand> _commands = [];

    public void Run(IEnumerable<EventBatch> batches)
    {
        using var transaction = connection.BeginTransaction();
        foreach (var command in _commands.Values)
        {
            command.Transaction = transaction;
        }

        // One segment a series and commit, however many batches came.
        foreach (var group in batches.GroupBy(b => b.Attempt))
        {
            Write(transaction, group.Key, [.. group]);
        }

        transaction.Commit();
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }

    private void Write(SqliteTransaction transaction, AttemptKey attempt, List<EventBatch> batches)
    {
        Do(transaction, "INSERT OR IGNORE INTO attempts(attempt_id, run_id, number) VALUES($1,$2,$3)", attempt.AttemptId, attempt.RunId, attempt.Number);
        var points = new Dictionary<string, List<MetricPoint>>();
        foreach (var e in batches.SelectMany(b => b.Events))
        {
            Take(transaction, attempt, e, points);
        }

        Append(transaction, attempt, points);
        var position = batches[^1].Position;
        Do(
            transaction,
            "UPDATE attempts SET offset=$2, line=$3, last_seq=$4, heard_at=COALESCE($5,heard_at) WHERE attempt_id=$1",
            attempt.AttemptId, position.Offset, position.Line, position.LastSeq,
            batches.Any(b => b.Events.Count > 0) ? DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() : null);
    }

    private void Take(SqliteTransaction transaction, AttemptKey attempt, WorkerEvent e, Dictionary<string, List<MetricPoint>> points)
    {
        var time = e.Time.ToUnixTimeMilliseconds();
        switch (e)
        {
            case MetricsEvent metrics when attempt.RunId > 0:
                foreach (var (key, value) in metrics.Values)
                {
                    ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(points, key, out _);
                    (list ??= []).Add(new MetricPoint(metrics.Step, value, time, metrics.Epoch ?? double.NaN, metrics.Tokens ?? -1));
                }

                SetStep(transaction, attempt, metrics.Step);
                break;
            case HeartbeatEvent heartbeat:
                SetStep(transaction, attempt, heartbeat.Step);
                break;
            case StartedEvent started:
                Do(
                    transaction,
                    "UPDATE attempts SET started=$2, start_step=$3, total_steps=$4, step=$3, step_at=$5 WHERE attempt_id=$1",
                    attempt.AttemptId, Json(started), started.Step, started.TotalSteps, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
                if (attempt.Number > 1 && attempt.RunId > 0)
                {
                    Supersede(transaction, attempt);
                }

                break;
            case ProgressEvent progress:
                Do(transaction, "UPDATE attempts SET progress=$2 WHERE attempt_id=$1", attempt.AttemptId, Json(progress));
                break;
            case FinishedEvent finished:
                Do(transaction, "UPDATE attempts SET finished=$2 WHERE attempt_id=$1", attempt.AttemptId, Json(finished));
                break;
            case LogEvent log:
                Do(
                    transaction,
                    "INSERT INTO log(attempt_id, no, time, level, text) SELECT $1, log_count+1, $2, $3, $4 FROM attempts WHERE attempt_id=$1",
                    attempt.AttemptId, time, log.Level, log.Text);
                Do(transaction, "UPDATE attempts SET log_count=log_count+1 WHERE attempt_id=$1", attempt.AttemptId);
                break;
            case CheckpointEvent:
            case EvaluationEvent:
                Do(
                    transaction,
                    "INSERT OR REPLACE INTO marks(attempt_id, seq, type, json) VALUES($1,$2,$3,$4)",
                    attempt.AttemptId, e.Seq, e is CheckpointEvent ? "checkpoint" : "evaluation", Json(e));
                break;
        }
    }

    /// <summary>The step and when it last moved: a worker whose heart beats while its step stands still hangs.</summary>
    private void SetStep(SqliteTransaction transaction, AttemptKey attempt, long step) =>
        Do(
            transaction,
            "UPDATE attempts SET step=$2, step_at=$3 WHERE attempt_id=$1 AND (step IS NULL OR step<>$2)",
            attempt.AttemptId, step, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    private void Append(SqliteTransaction transaction, AttemptKey attempt, Dictionary<string, List<MetricPoint>> points)
    {
        foreach (var (key, list) in points)
        {
            var series = Open(transaction, attempt.RunId, key);
            Insert(transaction, series, attempt.Number, series.NextNumber, CollectionsMarshal.AsSpan(list));
            series.NextNumber += list.Count;
            foreach (var point in list)
            {
                series.Add(point);
            }

            Save(transaction, series);
            if (++series.Loose >= MergeAfter)
            {
                Merge(transaction, series);
            }
        }
    }

    private WrittenSeries Open(SqliteTransaction transaction, int runId, string key)
    {
        if (_series.TryGetValue((runId, key), out var series))
        {
            return series;
        }

        Do(transaction, "INSERT OR IGNORE INTO series(run_id, key) VALUES($1,$2)", runId, key);
        var command = Command(
            transaction,
            "SELECT series_id, next_no, count, last, last_step, last_time, min, min_step, max, max_step FROM series WHERE run_id=$1 AND key=$2",
            runId, key);
        using (var row = command.ExecuteReader())
        {
            row.Read();
            series = new WrittenSeries
            {
                Id = row.GetInt64(0),
                NextNumber = row.GetInt64(1),
                Count = row.GetInt64(2),
                Last = row.IsDBNull(3) ? double.NaN : row.GetDouble(3),
                LastStep = row.GetInt64(4),
                LastTime = row.GetInt64(5),
                Min = row.IsDBNull(6) ? double.NaN : row.GetDouble(6),
                MinStep = row.GetInt64(7),
                Max = row.IsDBNull(8) ? double.NaN : row.GetDouble(8),
                MaxStep = row.GetInt64(9),
            };
        }

        return _series[(runId, key)] = series;
    }

    private void Insert(SqliteTransaction transaction, WrittenSeries series, int attempt, long firstNumber, ReadOnlySpan<MetricPoint> points)
    {
        var (min, max) = (double.NaN, double.NaN);
        foreach (ref readonly var point in points)
        {
            min = double.MinNumber(min, point.Value);
            max = double.MaxNumber(max, point.Value);
        }

        Do(
            transaction,
            "INSERT INTO segments(series_id, first_no, attempt, n, first_step, last_step, min, max, last, data) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
            series.Id, firstNumber, attempt, points.Length, points[0].Step, points[^1].Step, Number(min), Number(max), Number(points[^1].Value),
            Segment.Encode(points));
    }

    private void Save(SqliteTransaction transaction, WrittenSeries series) =>
        Do(
            transaction,
            "UPDATE series SET next_no=$2, count=$3, last=$4, last_step=$5, last_time=$6, min=$7, min_step=$8, max=$9, max_step=$10 WHERE series_id=$1",
            series.Id, series.NextNumber, series.Count, Number(series.Last), series.LastStep, series.LastTime, Number(series.Min), series.MinStep,
            Number(series.Max), series.MaxStep);

    /// <summary>Makes few large segments of many small ones; numbers, attempts and values stay as they are.</summary>
    private void Merge(SqliteTransaction transaction, WrittenSeries series)
    {
        series.Loose = 0;
        var small = new List<(long First, int Attempt, List<MetricPoint> Points)>();
        foreach (var segment in ReadSegments(transaction, series.Id, small: true))
        {
            if (small.Count > 0 && small[^1].Attempt == segment.Attempt && small[^1].Points.Count < 1000
                && small[^1].First + small[^1].Points.Count == segment.First)
            {
                small[^1].Points.AddRange(segment.Points);
            }
            else
            {
                small.Add((segment.First, segment.Attempt, [.. segment.Points]));
            }
        }

        Do(transaction, "DELETE FROM segments WHERE series_id=$1 AND n<500", series.Id);
        foreach (var (first, attempt, points) in small)
        {
            Insert(transaction, series, attempt, first, CollectionsMarshal.AsSpan(points));
        }
    }

    /// <summary>
    /// A new attempt goes on from an earlier step: what older attempts reported after it no longer counts. The points stay in the file;
    /// the summaries are made anew without them, as readers leave them out too.
    /// </summary>
    private void Supersede(SqliteTransaction transaction, AttemptKey attempt)
    {
        var limits = AttemptLimits.Read(Command(transaction, AttemptLimits.Sql, attempt.RunId));
        var keys = new List<string>();
        using (var rows = Command(transaction, "SELECT key FROM series WHERE run_id=$1", attempt.RunId).ExecuteReader())
        {
            while (rows.Read())
            {
                keys.Add(rows.GetString(0));
            }
        }

        foreach (var key in keys)
        {
            var series = Open(transaction, attempt.RunId, key);
            series.Reset();
            foreach (var segment in ReadSegments(transaction, series.Id, small: false))
            {
                foreach (var point in segment.Points.Where(p => limits.Keeps(segment.Attempt, p.Step)))
                {
                    series.Add(point);
                }
            }

            Save(transaction, series);
        }
    }

    private List<(long First, int Attempt, MetricPoint[] Points)> ReadSegments(SqliteTransaction transaction, long seriesId, bool small)
    {
        var segments = new List<(long, int, MetricPoint[])>();
        var sql = "SELECT first_no, attempt, n, data FROM segments WHERE series_id=$1" + (small ? " AND n<500" : "") + " ORDER BY first_no";
        using var rows = Command(transaction, sql, seriesId).ExecuteReader();
        while (rows.Read())
        {
            var points = new MetricPoint[rows.GetInt32(2)];
            Segment.Decode((byte[])rows.GetValue(3), points);
            segments.Add((rows.GetInt64(0), rows.GetInt32(1), points));
        }

        return segments;
    }

    private void Do(SqliteTransaction transaction, string sql, params ReadOnlySpan<object?> values) => Command(transaction, sql, values).ExecuteNonQuery();

    private SqliteCommand Command(SqliteTransaction transaction, string sql, params ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            command.Transaction = transaction;
            for (var i = 1; i <= values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter("$" + i.ToString(System.Globalization.CultureInfo.InvariantCulture), null));
            }

            _commands[sql] = command;
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }

    private static string Json<T>(T e) => JsonSerializer.Serialize(e, WireJson.Options);

    /// <summary>SQLite makes NULL of NaN; saying so here keeps both directions in one place.</summary>
    private static double? Number(double value) => double.IsNaN(value) ? null : value;
}
