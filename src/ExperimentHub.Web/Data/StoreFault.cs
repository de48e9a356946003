using Microsoft.Data.Sqlite;

namespace ExperimentHub.Web.Data;

/// <summary>Why the hub cannot read or write its own files at the moment, in one sentence; <c>Error_{Code}</c> says the same in the reader's language.</summary>
public sealed record StoreFault(string Code, string Message)
{
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteReadOnly = 8;
    private const int SqliteIo = 10;
    private const int SqliteCorrupt = 11;
    private const int SqliteFull = 13;
    private const int SqliteCannotOpen = 14;
    private const int SqliteNotADatabase = 26;
    private const int DiskFullOnUnix = 28;
    private const int QuotaOnUnix = 122;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    /// <summary>What lies behind an exception; null when it is not about the hub's files.</summary>
    public static StoreFault? Of(Exception? e) => e switch
    {
        null => null,
        SqliteException sqlite => sqlite.SqliteErrorCode switch
        {
            SqliteFull => Full,
            SqliteBusy or SqliteLocked => new StoreFault("store.locked", "Another program holds the hub's database; what runs goes on, and the hub stores it as soon as the database is free."),
            SqliteCorrupt or SqliteNotADatabase => new StoreFault("store.damaged", "A database of the hub is damaged; stop the hub and restore a backup with --restore."),
            SqliteReadOnly or SqliteIo or SqliteCannotOpen => new StoreFault("store.unwritable", "The hub cannot write to its data directory; check the disk and the permissions."),
            _ => null,
        },
        IOException { HResult: DiskFullOnUnix or QuotaOnUnix or DiskFullOnWindows } => Full,
        _ => Of(e.InnerException),
    };

    private static StoreFault Full { get; } = new("store.full", "The disk is full: free some space. What runs waits in its folder and is stored when there is room again.");
}
