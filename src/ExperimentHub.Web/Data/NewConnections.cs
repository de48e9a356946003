using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ExperimentHub.Web.Data;

/// <summary>
/// Tells a connection that SQLite has just made from one that comes out of the pool. Pragmas hold for a connection as SQLite knows it, and
/// the pool keeps those: to set them at every opening was a quarter of the hub's work with twenty live runs.
/// </summary>
internal sealed class NewConnections
{
    private readonly ConditionalWeakTable<sqlite3, object> _known = [];

    /// <summary>Runs <paramref name="sql"/> on an open connection, unless that was done before.</summary>
    public void Prepare(SqliteConnection connection, string sql)
    {
        if (!_known.TryGetValue(connection.Handle!, out _))
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
            _known.TryAdd(connection.Handle!, this);
        }
    }
}
