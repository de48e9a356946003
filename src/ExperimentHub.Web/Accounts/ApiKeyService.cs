using System.Collections.Concurrent;
using ExperimentHub.Engine;
using ExperimentHub.Web.Data;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Accounts;

/// <summary>Keys for scripts: made, listed, revoked, recognised.</summary>
public sealed class ApiKeyService(IDbContextFactory<HubDbContext> databases)
{
    public const int MinLength = 32;
    private const int PrefixLength = 7;

    private static readonly TimeSpan s_noteUseEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<int, DateTime> _noted = new();

    /// <summary>Makes a key; the second value is the key itself, which is not kept and never shown again.</summary>
    public async Task<(ApiKey Key, string Secret)> CreateAsync(string name, string userId, DateTime? expiresAt = null, CancellationToken cancellationToken = default)
    {
        var secret = "eh_" + Secrets.New();
        return (await AddAsync(name, userId, secret, expiresAt, cancellationToken), secret);
    }

    /// <summary>Keeps a key that somebody chose (unattended set-up); the same one again changes nothing.</summary>
    /// <exception cref="InputException">It is too short.</exception>
    public async Task EnsureAsync(string name, string userId, string secret, CancellationToken cancellationToken = default)
    {
        if (secret.Length < MinLength)
        {
            throw new InputException($"ExperimentHub:Admin:ApiKey has {secret.Length} characters; it needs at least {MinLength}.", "account.api_key_short");
        }

        var hash = Secrets.Hash(secret);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (!await database.ApiKeys.AnyAsync(k => k.KeyHash == hash, cancellationToken))
        {
            await AddAsync(name, userId, secret, null, cancellationToken);
        }
    }

    public async Task<IReadOnlyList<ApiKey>> ListAsync(string? userId = null, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.ApiKeys.AsNoTracking().Where(k => userId == null || k.UserId == userId).OrderByDescending(k => k.Id).ToListAsync(cancellationToken);
    }

    public async Task RevokeAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.ApiKeys.Where(k => k.Id == id && k.RevokedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(k => k.RevokedAt, DateTime.UtcNow), cancellationToken);
    }

    /// <summary>The living key that this secret is, or null.</summary>
    public async Task<ApiKey?> FindAsync(string secret, CancellationToken cancellationToken = default)
    {
        if (secret.Length is < MinLength or > 512)
        {
            return null;
        }

        var hash = Secrets.Hash(secret);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var now = DateTime.UtcNow;
        var key = await database.ApiKeys.AsNoTracking()
            .FirstOrDefaultAsync(k => k.KeyHash == hash && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now), cancellationToken);
        if (key is not null && now - _noted.GetValueOrDefault(key.Id) > s_noteUseEvery)
        {
            _noted[key.Id] = now;
            try
            {
                await database.ApiKeys.Where(k => k.Id == key.Id).ExecuteUpdateAsync(s => s.SetProperty(k => k.LastUsedAt, now), cancellationToken);
            }
            catch (Exception e) when (StoreFault.Of(e) is not null)
            {
                // A full disk or a locked file: who only reads is served all the same.
            }
        }

        return key;
    }

    private async Task<ApiKey> AddAsync(string name, string userId, string secret, DateTime? expiresAt, CancellationToken cancellationToken)
    {
        name = name.Trim();
        if (name.Length is 0 or > 100)
        {
            throw new InputException("Give the key a name of 1 to 100 characters, such as the script that uses it.", "account.api_key_name");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var key = new ApiKey
        {
            Name = name,
            UserId = userId,
            KeyHash = Secrets.Hash(secret),
            Prefix = secret[..PrefixLength],
            CreatedAt = DateTime.UtcNow,
            ExpiresAt = expiresAt,
        };
        database.ApiKeys.Add(key);
        await database.SaveChangesAsync(cancellationToken);
        return key;
    }
}
