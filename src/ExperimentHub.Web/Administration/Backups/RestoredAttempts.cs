using System.Globalization;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Workers;
using Microsoft.Data.Sqlite;

namespace ExperimentHub.Web.Administration.Backups;

/// <summary>
/// Makes a restored hub.db forget the workers of the hub it was copied from: they may still live, and are not its own. What an attempt wrote
/// after the metrics had been copied is read from its folder, also of one that has ended.
/// </summary>
internal static class RestoredAttempts
{
    public static void Release(string root)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(root, "hub.db"), Pooling = false }.ToString());
        connection.Open();
        using (var attach = Command(connection, "ATTACH $1 AS metrics", Path.Combine(root, "metrics.db")))
        {
            attach.ExecuteNonQuery();
        }

        var unread = Unread(connection, root);
        using var transaction = connection.BeginTransaction();
        using (var living = Command(connection, "UPDATE Attempts SET Pid=$1, ProcessStart=-1 WHERE EndedAt IS NULL", WorkerLauncher.Nowhere))
        {
            living.Transaction = transaction;
            living.ExecuteNonQuery();
        }

        foreach (var id in unread)
        {
            using var ended = Command(connection, "UPDATE Attempts SET EndedAt=NULL, Pid=$1, ProcessStart=-1 WHERE Id=$2", WorkerLauncher.Nowhere, id);
            ended.Transaction = transaction;
            ended.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private static List<long> Unread(SqliteConnection connection, string root)
    {
        using var command = Command(
            connection, "SELECT a.Id, a.Folder, COALESCE(m.offset, 0) FROM Attempts a LEFT JOIN metrics.attempts m ON m.attempt_id=a.Id WHERE a.EndedAt IS NOT NULL");
        using var rows = command.ExecuteReader();
        var unread = new List<long>();
        while (rows.Read())
        {
            var events = new FileInfo(new JobFolder(Path.Combine(root, rows.GetString(1))).EventsFile);
            if (events.Exists && events.Length > rows.GetInt64(2))
            {
                unread.Add(rows.GetInt64(0));
            }
        }

        return unread;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue("$" + (i + 1).ToString(CultureInfo.InvariantCulture), values[i]);
        }

        return command;
    }
}
