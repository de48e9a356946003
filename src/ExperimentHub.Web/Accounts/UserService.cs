using ExperimentHub.Engine;
using ExperimentHub.Web.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Accounts;

public sealed record UserView(HubUser User, string Role);

/// <summary>Accounts as an administrator sees and changes them.</summary>
public sealed class UserService(IDbContextFactory<HubDbContext> databases, IServiceScopeFactory scopes)
{
    public async Task<IReadOnlyList<UserView>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var roles = await (from userRole in database.UserRoles join role in database.Roles on userRole.RoleId equals role.Id select new { userRole.UserId, role.Name })
            .ToListAsync(cancellationToken);
        var users = await database.Users.AsNoTracking().OrderBy(u => u.CreatedAt).ToListAsync(cancellationToken);
        return [.. users.Select(u => new UserView(u, roles.FirstOrDefault(r => r.UserId == u.Id)?.Name ?? Roles.Viewer))];
    }

    public async Task<IReadOnlyList<Invitation>> OpenInvitationsAsync(CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Invitations.AsNoTracking()
            .Where(i => i.Kind == InvitationKind.Invite && i.UsedAt == null && i.ExpiresAt > DateTime.UtcNow).OrderByDescending(i => i.Id).ToListAsync(cancellationToken);
    }

    public async Task RevokeInvitationAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Invitations.Where(i => i.Id == id && i.UsedAt == null).ExecuteDeleteAsync(cancellationToken);
    }

    /// <exception cref="InputException">It is the caller's own account, or the role is not known.</exception>
    public async Task SetRoleAsync(string userId, string role, string byUserId)
    {
        if (userId == byUserId)
        {
            throw new InputException("Nobody changes their own role; ask another administrator.", "account.own_role");
        }

        if (!Roles.All.Contains(role))
        {
            throw new InputException($"{InputException.Quote(role)} is no role; use viewer, member or admin.", "account.role", InputException.Quote(role));
        }

        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<HubUser>>();
        var user = await users.FindByIdAsync(userId) ?? throw new InputException("This account is gone.", "account.gone");
        await users.RemoveFromRolesAsync(user, await users.GetRolesAsync(user));
        await users.AddToRoleAsync(user, role);
        await users.UpdateSecurityStampAsync(user);   // cookies with the old role end
    }

    /// <exception cref="InputException">It is the caller's own account.</exception>
    public async Task SetDisabledAsync(string userId, bool disabled, string byUserId)
    {
        if (userId == byUserId)
        {
            throw new InputException("Nobody disables their own account; ask another administrator.", "account.own_disable");
        }

        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<HubUser>>();
        var user = await users.FindByIdAsync(userId) ?? throw new InputException("This account is gone.", "account.gone");
        user.IsDisabled = disabled;
        await users.UpdateAsync(user);
        await users.UpdateSecurityStampAsync(user);
    }
}
