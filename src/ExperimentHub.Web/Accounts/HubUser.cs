using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ExperimentHub.Web.Accounts;

public sealed class HubUser : IdentityUser
{
    public string DisplayName { get; set; } = "";

    public DateTime CreatedAt { get; init; }

    public DateTime? LastSeenAt { get; set; }

    /// <summary>A disabled account signs in nowhere, and what it had open ends.</summary>
    public bool IsDisabled { get; set; }
}

public static class Roles
{
    /// <summary>Looks.</summary>
    public const string Viewer = "viewer";

    /// <summary>Imports, trains, deletes what is in a project it may write to.</summary>
    public const string Member = "member";

    /// <summary>Everything, and the accounts.</summary>
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [Viewer, Member, Admin];
}

/// <summary>A link that carries its own secret: the first administrator's, an invitation's, a password reset's, a sign-in's.</summary>
public sealed class Invitation
{
    public int Id { get; init; }

    public InvitationKind Kind { get; init; }

    /// <summary>SHA-256 of the secret in the link.</summary>
    public required string SecretHash { get; init; }

    public string? Email { get; init; }

    public string Role { get; init; } = Roles.Member;

    /// <summary>Whose password it resets, or who signs in with it.</summary>
    public string? UserId { get; init; }

    public string? CreatedById { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime ExpiresAt { get; init; }

    public DateTime? UsedAt { get; set; }

    /// <summary>Who used it, as shown to whoever comes second.</summary>
    public string? UsedBy { get; set; }
}

public enum InvitationKind
{
    FirstAdmin,
    Invite,
    PasswordReset,
    SignIn,
}

/// <summary>A key for scripts. Shown once; only its hash is kept.</summary>
public sealed class ApiKey
{
    public int Id { get; init; }

    public required string Name { get; set; }

    public required string UserId { get; init; }

    public required string KeyHash { get; init; }

    /// <summary>The first characters, by which its owner knows it again.</summary>
    public required string Prefix { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime? ExpiresAt { get; init; }

    public DateTime? LastUsedAt { get; set; }

    public DateTime? RevokedAt { get; set; }
}

internal sealed class AccountMapping : IEntityTypeConfiguration<HubUser>, IEntityTypeConfiguration<Invitation>, IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<HubUser> builder) => builder.Property(u => u.DisplayName).HasMaxLength(100);

    public void Configure(EntityTypeBuilder<Invitation> builder)
    {
        builder.Property(i => i.Kind).HasConversion<string>().HasMaxLength(16);
        builder.HasIndex(i => i.SecretHash).IsUnique();
    }

    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.Property(k => k.Name).HasMaxLength(100);
        builder.HasIndex(k => k.KeyHash).IsUnique();
        builder.HasOne<HubUser>().WithMany().HasForeignKey(k => k.UserId);
    }
}
