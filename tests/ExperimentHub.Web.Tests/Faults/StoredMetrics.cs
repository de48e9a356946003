using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Metrics;
using Microsoft.Data.Sqlite;

namespace ExperimentHub.Web.Tests.Faults;

/// <summary>The points of one attempt as its worker wrote them and as metrics.db holds them, superseded ones too.</summary>
internal static class StoredMetrics
{
    public static List<(string Key, long Step, double Value)> Written(string dataDirectory, int run, int attempt)
    {
        var file = Path.Combine(dataDirectory, "runs", $"{run}", "attempts", $"{attempt}", "events.jsonl");
        if (!File.Exists(file))
        {
            return [];
        }

        var text = File.ReadAllText(file);
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonSerializer.Deserialize<WorkerEvent>(l, WireJson.Options)).OfType<MetricsEvent>()
            .SelectMany(m => m.Values.Select(v => (v.Key, m.Step, v.Value)))
            .OrderBy(p => p.Key, StringComparer.Ordinal)];   // a stable sort: points of a key stay in the order they came
    }

    public static List<(string Key, long Step, double Value)> Stored(string dataDirectory, int run, int attempt)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(dataDirectory, "metrics.db")};Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT s.key, g.n, g.data FROM segments g JOIN series s ON s.series_id=g.series_id WHERE s.run_id={run} AND g.attempt={attempt} ORDER BY s.key, g.first_no";
        var stored = new List<(string, long, double)>();
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            var points = new MetricPoint[rows.GetInt32(1)];
            Segment.Decode((byte[])rows.GetValue(2), points);
            stored.AddRange(points.Select(p => (rows.GetString(0), p.Step, p.Value)));
        }

        return stored;
    }
}
