using System.Net.Mail;
using ExperimentHub.Engine;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Projects;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Accounts;

public enum LinkState
{
    Valid,
    Used,
    Expired,
    Unknown,
}

/// <summary>What a link is worth now; <see cref="Link"/> is null when it is unknown.</summary>
public sealed record LinkStatus(LinkState State, Invitation? Link);

/// <summary>
/// Links that carry their own secret: first administrator, invitation, password reset, sign-in. Only hashes are kept, each works once.
/// </summary>
public sealed class LinkService(IDbContextFactory<HubDbContext> databases, IServiceScopeFactory scopes, ProjectService projects)
{
    private static readonly TimeSpan s_firstAdmin = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_invite = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_reset = TimeSpan.FromHours(24);
    private static readonly TimeSpan s_signIn = TimeSpan.FromHours(1);

    /// <summary>True while nobody can administer the hub, so that no other page answers.</summary>
    public async Task<bool> NeedsFirstAdminAsync(CancellationToken cancellationToken = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return !await (from user in database.Users
                       join role in database.UserRoles on user.Id equals role.UserId
                       join admin in database.Roles on role.RoleId equals admin.Id
                       where admin.Name == Roles.Admin && !user.IsDisabled
                       select user.Id).AnyAsync(cancellationToken);
    }

    /// <summary>A new first-admin link, made at each start until there is an administrator; the ones before it end. Null when there is one.</summary>
    public async Task<string?> NewFirstAdminLinkAsync(CancellationToken cancellationToken = default)
    {
        if (!await NeedsFirstAdminAsync(cancellationToken))
        {
            return null;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Invitations.Where(i => i.Kind == InvitationKind.FirstAdmin && i.UsedAt == null).ExecuteDeleteAsync(cancellationToken);
        return await NewAsync(InvitationKind.FirstAdmin, null, Roles.Admin, null, null, s_firstAdmin, cancellationToken);
    }

    /// <exception cref="InputException">The address is none, or has an account already.</exception>
    public async Task<string> NewInvitationAsync(string? email, string role, string createdById, CancellationToken cancellationToken = default)
    {
        if (email is { Length: > 0 } && !(MailAddress.TryCreate(email, out var address) && address.Address == email))
        {
            throw new InputException($"{InputException.Quote(email)} is no mail address; write it like name@example.org, or leave it empty.", "account.email", InputException.Quote(email));
        }

        await using var scope = scopes.CreateAsyncScope();
        if (email is { Length: > 0 } && await scope.ServiceProvider.GetRequiredService<UserManager<HubUser>>().FindByEmailAsync(email) is not null)
        {
            throw new InputException($"{InputException.Quote(email)} has an account already; reset its password instead.", "account.email_taken", InputException.Quote(email));
        }

        return await NewAsync(InvitationKind.Invite, string.IsNullOrWhiteSpace(email) ? null : email.Trim(), role, null, createdById, s_invite, cancellationToken);
    }

    public Task<string> NewPasswordResetAsync(string userId, string createdById, CancellationToken cancellationToken = default) =>
        NewAsync(InvitationKind.PasswordReset, null, Roles.Viewer, userId, createdById, s_reset, cancellationToken);

    /// <summary>A link that signs its bearer in once.</summary>
    public Task<string> NewSignInLinkAsync(string userId, CancellationToken cancellationToken = default) =>
        NewAsync(InvitationKind.SignIn, null, Roles.Viewer, userId, null, s_signIn, cancellationToken);

    public async Task<LinkStatus> FindAsync(string? secret, CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrEmpty(secret) || secret.Length > 200)
        {
            return new LinkStatus(LinkState.Unknown, null);
        }

        var hash = Secrets.Hash(secret);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var link = await database.Invitations.AsNoTracking().FirstOrDefaultAsync(i => i.SecretHash == hash, cancellationToken);
        return link switch
        {
            null => new LinkStatus(LinkState.Unknown, null),
            { UsedAt: not null } => new LinkStatus(LinkState.Used, link),
            _ when link.ExpiresAt < DateTime.UtcNow => new LinkStatus(LinkState.Expired, link),
            _ => new LinkStatus(LinkState.Valid, link),
        };
    }

    /// <summary>Makes the account of a first-admin link or an invitation. On faults the link stays good.</summary>
    public async Task<(HubUser? User, IReadOnlyList<IdentityError> Errors)> AcceptAsync(
        string secret, string email, string displayName, string password, CancellationToken cancellationToken = default)
    {
        var (state, link) = await FindAsync(secret, cancellationToken);
        if (state != LinkState.Valid || link!.Kind is not (InvitationKind.FirstAdmin or InvitationKind.Invite))
        {
            return (null, [new IdentityError { Code = "LinkInvalid", Description = "This link is no longer valid; ask for a new one." }]);
        }

        email = link.Email ?? email;
        if (!await TryUseAsync(link.Id, email, cancellationToken))
        {
            return (null, [new IdentityError { Code = "LinkInvalid", Description = "This link was used a moment ago; sign in instead." }]);
        }

        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<HubUser>>();
        var user = new HubUser { UserName = email, Email = email, EmailConfirmed = true, DisplayName = displayName.Trim(), CreatedAt = DateTime.UtcNow };
        var result = await users.CreateAsync(user, password);
        if (!result.Succeeded)
        {
            await ReleaseAsync(link.Id, cancellationToken);
            return (null, [.. result.Errors]);
        }

        await users.AddToRoleAsync(user, link.Role);
        await projects.EnsureDefaultAsync(user.Id, cancellationToken);
        return (user, []);
    }

    /// <summary>Sets a new password by a reset link; whoever was signed in with the old one is signed out.</summary>
    public async Task<(HubUser? User, IReadOnlyList<IdentityError> Errors)> ResetPasswordAsync(string secret, string password, CancellationToken cancellationToken = default)
    {
        var (state, link) = await FindAsync(secret, cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<HubUser>>();
        if (state != LinkState.Valid || link!.Kind != InvitationKind.PasswordReset || await users.FindByIdAsync(link.UserId!) is not { } user)
        {
            return (null, [new IdentityError { Code = "LinkInvalid", Description = "This link is no longer valid; ask for a new one." }]);
        }

        var result = await users.ResetPasswordAsync(user, await users.GeneratePasswordResetTokenAsync(user), password);
        if (!result.Succeeded)
        {
            return (null, [.. result.Errors]);
        }

        await TryUseAsync(link.Id, user.Email!, cancellationToken);
        await users.SetLockoutEndDateAsync(user, null);
        return (user, []);
    }

    /// <summary>Who signs in with this link, once; null when it is not worth anything.</summary>
    public async Task<HubUser?> UseSignInLinkAsync(string secret, CancellationToken cancellationToken = default)
    {
        var (state, link) = await FindAsync(secret, cancellationToken);
        if (state != LinkState.Valid || link!.Kind != InvitationKind.SignIn)
        {
            return null;
        }

        await using var scope = scopes.CreateAsyncScope();
        var user = await scope.ServiceProvider.GetRequiredService<UserManager<HubUser>>().FindByIdAsync(link.UserId!);
        return user is { IsDisabled: false } && await TryUseAsync(link.Id, user.Email!, cancellationToken) ? user : null;
    }

    private async Task<string> NewAsync(
        InvitationKind kind, string? email, string role, string? userId, string? createdById, TimeSpan validFor, CancellationToken cancellationToken)
    {
        var secret = Secrets.New();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Invitations.Add(new Invitation
        {
            Kind = kind,
            SecretHash = Secrets.Hash(secret),
            Email = email,
            Role = role,
            UserId = userId,
            CreatedById = createdById,
            CreatedAt = DateTime.UtcNow,
            ExpiresAt = DateTime.UtcNow + validFor,
        });
        await database.SaveChangesAsync(cancellationToken);
        var page = kind switch
        {
            InvitationKind.FirstAdmin => "first-admin",
            InvitationKind.Invite => "invitation",
            InvitationKind.PasswordReset => "reset-password",
            _ => "sign-in-link",
        };
        return $"/account/{page}?secret={secret}";
    }

    /// <summary>Compare-and-set: of two who use a link at once, one wins.</summary>
    private async Task<bool> TryUseAsync(int id, string usedBy, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Invitations.Where(i => i.Id == id && i.UsedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.UsedAt, DateTime.UtcNow).SetProperty(i => i.UsedBy, usedBy), cancellationToken) == 1;
    }

    private async Task ReleaseAsync(int id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Invitations.Where(i => i.Id == id)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.UsedAt, (DateTime?)null).SetProperty(i => i.UsedBy, (string?)null), cancellationToken);
    }
}
