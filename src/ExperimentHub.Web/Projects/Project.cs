using ExperimentHub.Web.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ExperimentHub.Web.Projects;

/// <summary>What every row that a person can see belongs to; access is decided by its project.</summary>
public interface IProjectItem
{
    int ProjectId { get; }

    string OwnerId { get; }
}

/// <summary>A shelf of data sets, models and runs. In an open one every signed-in person reads; a private one is for its members.</summary>
public sealed class Project
{
    public int Id { get; init; }

    public required string Name { get; set; }

    public bool IsPrivate { get; set; }

    public required string OwnerId { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime? DeletedAt { get; set; }
}

public sealed class ProjectMember
{
    public int ProjectId { get; init; }

    public required string UserId { get; init; }

    /// <summary>False: may only look.</summary>
    public bool CanWrite { get; set; }
}

internal sealed class ProjectMapping : IEntityTypeConfiguration<Project>, IEntityTypeConfiguration<ProjectMember>
{
    public void Configure(EntityTypeBuilder<Project> builder)
    {
        builder.Property(p => p.Name).HasMaxLength(100);
        builder.HasIndex(p => p.Name).IsUnique().HasFilter("DeletedAt IS NULL");
    }

    public void Configure(EntityTypeBuilder<ProjectMember> builder)
    {
        builder.HasKey(m => new { m.ProjectId, m.UserId });
        builder.HasOne<Project>().WithMany().HasForeignKey(m => m.ProjectId);
        builder.HasOne<HubUser>().WithMany().HasForeignKey(m => m.UserId);
    }
}
