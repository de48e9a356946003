using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Data;

/// <summary>Pragmas hold for a connection, not for a file, so each new one gets them.</summary>
internal sealed class SqlitePragmas(IOptions<HubOptions> options) : DbConnectionInterceptor
{
    /// <summary>hub.db: what was answered as done survives a power loss.</summary>
    private readonly string _sql = string.Create(
        CultureInfo.InvariantCulture,
        $"PRAGMA busy_timeout={(int)options.Value.DatabaseTimeout.TotalMilliseconds}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096;");

    private readonly NewConnections _new = new();

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => _new.Prepare((SqliteConnection)connection, _sql);

    /// <summary>SQLite waits for nothing: its provider does the same whether it is asked asynchronously or not.</summary>
    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        _new.Prepare((SqliteConnection)connection, _sql);
        return Task.CompletedTask;
    }
}
