using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ExperimentHub.Web.Data;

/// <summary>Pragmas hold for a connection, not for a file, so each opened one gets them.</summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    /// <summary>hub.db: what was answered as done survives a power loss.</summary>
    private const string Sql =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=30000; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Sql;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
