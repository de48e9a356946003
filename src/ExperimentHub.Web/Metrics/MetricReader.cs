using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using Microsoft.Data.Sqlite;

namespace ExperimentHub.Web.Metrics;

/// <summary>What metrics.db knows of one attempt.</summary>
public sealed record AttemptState(
    int AttemptId, int Number, ReadPosition Position, DateTimeOffset? HeardAt, long? Step, DateTimeOffset? StepAt,
    StartedEvent? Started, ProgressEvent? Progress, FinishedEvent? Finished);

public sealed record LogLine(int AttemptId, long Number, DateTimeOffset Time, string Level, string Text);

/// <summary>Reads curves, summaries, logs and the state of attempts. Superseded points are left out everywhere.</summary>
public sealed class MetricReader(MetricDatabase database)
{
    public IReadOnlyList<SeriesSummary> Summaries(int runId)
    {
        using var connection = database.OpenReader();
        return Summaries(connection, runId);
    }

    public IReadOnlyDictionary<int, IReadOnlyList<SeriesSummary>> Summaries(IEnumerable<int> runIds)
    {
        using var connection = database.OpenReader();
        return runIds.Distinct().ToDictionary(id => id, IReadOnlyList<SeriesSummary> (id) => Summaries(connection, id));
    }

    /// <summary>
    /// Points of a curve from a running number on. <paramref name="maxPoints"/> above 0 thins them: the x range is cut into buckets of
    /// equal width and each gives its lowest and its highest point, so no spike is lost; the last point is always there.
    /// </summary>
    public SeriesSlice Read(int runId, string key, long fromNumber = 0, int maxPoints = 0, long? fromStep = null, long? toStep = null)
    {
        using var connection = database.OpenReader();
        var limits = AttemptLimits.Read(Command(connection, AttemptLimits.Sql, runId));
        var points = new List<MetricPoint>();
        long next = 0;
        using var rows = Command(
            connection,
            """
            SELECT s.first_no, s.attempt, s.n, s.data, r.next_no FROM series r LEFT JOIN segments s
            ON s.series_id=r.series_id AND s.first_no+s.n>$3
            AND s.first_no>=COALESCE((SELECT MAX(f.first_no) FROM segments f WHERE f.series_id=r.series_id AND f.first_no<=$3), 0)
            WHERE r.run_id=$1 AND r.key=$2 ORDER BY s.first_no
            """,
            runId, key, fromNumber).ExecuteReader();
        while (rows.Read())
        {
            next = rows.GetInt64(4);
            Take(rows, fromNumber, (attempt, step) => limits.Keeps(attempt, step) && step >= (fromStep ?? long.MinValue) && step <= (toStep ?? long.MaxValue), points);
        }

        return new SeriesSlice(key, fromNumber, next, maxPoints > 0 ? Buckets.Thin(points, maxPoints) : points);
    }

    /// <summary>
    /// What is new in all curves of a run, in one question: those with points from their number in <paramref name="next"/> on, or from
    /// <paramref name="otherwise"/> on where it names none. The numbers are moved on.
    /// </summary>
    public IReadOnlyList<SeriesSlice> ReadFurther(int runId, Dictionary<string, long> next, long otherwise = 0)
    {
        using var connection = database.OpenReader();
        var limits = AttemptLimits.Read(Command(connection, AttemptLimits.Sql, runId));
        using var rows = Command(
            connection,
            """
            WITH told AS MATERIALIZED (SELECT key, value FROM json_each($2)),
            asked AS (
              SELECT r.series_id, r.key, r.next_no, COALESCE(t.value, $3) AS from_no FROM series r LEFT JOIN told t ON t.key=r.key WHERE r.run_id=$1)
            SELECT s.first_no, s.attempt, s.n, s.data, a.key, a.from_no, a.next_no FROM asked a JOIN segments s
            ON s.series_id=a.series_id AND s.first_no+s.n>a.from_no
            AND s.first_no>=COALESCE((SELECT MAX(f.first_no) FROM segments f WHERE f.series_id=a.series_id AND f.first_no<=a.from_no), 0)
            WHERE a.next_no>a.from_no ORDER BY a.key, s.first_no
            """,
            runId, JsonSerializer.Serialize(next), otherwise).ExecuteReader();
        var slices = new List<SeriesSlice>();
        var points = new List<MetricPoint>();
        while (rows.Read())
        {
            var (key, from) = (rows.GetString(4), rows.GetInt64(5));
            if (slices.Count == 0 || slices[^1].Key != key)
            {
                points = [];
                slices.Add(new SeriesSlice(key, from, next[key] = rows.GetInt64(6), points));
            }

            Take(rows, from, limits.Keeps, points);
        }

        return slices;
    }

    /// <summary>The points of a row of first number, attempt, count and data, from a number on.</summary>
    private static void Take(SqliteDataReader row, long fromNumber, Func<int, long, bool> keeps, List<MetricPoint> points)
    {
        if (row.IsDBNull(0))
        {
            return;
        }

        var first = row.GetInt64(0);
        var attempt = row.GetInt32(1);
        var decoded = new MetricPoint[row.GetInt32(2)];
        Segment.Decode((byte[])row.GetValue(3), decoded);
        for (var i = (int)Math.Max(0, fromNumber - first); i < decoded.Length; i++)
        {
            if (keeps(attempt, decoded[i].Step))
            {
                points.Add(decoded[i]);
            }
        }
    }

    public IReadOnlyList<AttemptState> Attempts(int runId)
    {
        using var connection = database.OpenReader();
        return States(Command(connection, StateSql + " WHERE run_id=$1 ORDER BY number", runId));
    }

    /// <summary>The newest attempt of a run that has reported anything.</summary>
    public AttemptState? LatestAttempt(int runId)
    {
        using var connection = database.OpenReader();
        return States(Command(connection, StateSql + " WHERE run_id=$1 ORDER BY number DESC LIMIT 1", runId)).Find(_ => true);
    }

    public AttemptState? Attempt(int attemptId)
    {
        using var connection = database.OpenReader();
        return States(Command(connection, StateSql + " WHERE attempt_id=$1", attemptId)).Find(_ => true);
    }

    /// <summary>Checkpoints and evaluations of an attempt in the order they came.</summary>
    public IReadOnlyList<WorkerEvent> Marks(int attemptId)
    {
        using var connection = database.OpenReader();
        using var rows = Command(connection, "SELECT type, json FROM marks WHERE attempt_id=$1 ORDER BY seq", attemptId).ExecuteReader();
        var marks = new List<WorkerEvent>();
        while (rows.Read())
        {
            marks.Add(rows.GetString(0) == "checkpoint" ? Parse<CheckpointEvent>(rows.GetString(1))! : Parse<EvaluationEvent>(rows.GetString(1))!);
        }

        return marks;
    }

    /// <summary>Log lines after number <paramref name="after"/>; with <paramref name="after"/> below 0 the last <paramref name="limit"/>.</summary>
    public IReadOnlyList<LogLine> Log(int attemptId, long after = -1, int limit = 1000)
    {
        using var connection = database.OpenReader();
        var sql = after < 0
            ? "SELECT no, time, level, text FROM (SELECT * FROM log WHERE attempt_id=$1 AND no>$2 ORDER BY no DESC LIMIT $3) ORDER BY no"
            : "SELECT no, time, level, text FROM log WHERE attempt_id=$1 AND no>$2 ORDER BY no LIMIT $3";
        using var rows = Command(connection, sql, attemptId, after, limit).ExecuteReader();
        var lines = new List<LogLine>();
        while (rows.Read())
        {
            lines.Add(new LogLine(attemptId, rows.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(1)), rows.GetString(2), rows.GetString(3)));
        }

        return lines;
    }

    private const string StateSql =
        "SELECT attempt_id, number, offset, line, last_seq, heard_at, step, step_at, started, progress, finished FROM attempts";

    private static List<AttemptState> States(SqliteCommand command)
    {
        using var rows = command.ExecuteReader();
        var states = new List<AttemptState>();
        while (rows.Read())
        {
            states.Add(new AttemptState(
                rows.GetInt32(0),
                rows.GetInt32(1),
                new ReadPosition(rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4)),
                Time(rows, 5),
                rows.IsDBNull(6) ? null : rows.GetInt64(6),
                Time(rows, 7),
                Parse<StartedEvent>(Text(rows, 8)),
                Parse<ProgressEvent>(Text(rows, 9)),
                Parse<FinishedEvent>(Text(rows, 10))));
        }

        return states;
    }

    private static List<SeriesSummary> Summaries(SqliteConnection connection, int runId)
    {
        using var rows = Command(
            connection,
            "SELECT key, count, last, last_step, last_time, min, min_step, max, max_step FROM series WHERE run_id=$1 AND count>0 ORDER BY key",
            runId).ExecuteReader();
        var summaries = new List<SeriesSummary>();
        while (rows.Read())
        {
            summaries.Add(new SeriesSummary(
                rows.GetString(0), rows.GetInt64(1), Number(rows, 2), rows.GetInt64(3), rows.GetInt64(4), Number(rows, 5), rows.GetInt64(6),
                Number(rows, 7), rows.GetInt64(8)));
        }

        return summaries;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue("$" + (i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), values[i]);
        }

        return command;
    }

    private static double? Number(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? Time(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    private static T? Parse<T>(string? json)
        where T : WorkerEvent => json is null ? null : JsonSerializer.Deserialize<T>(json, WireJson.Options);
}
