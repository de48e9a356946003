using ExperimentHub.Web.Projects;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ExperimentHub.Web.Datasets;

public sealed class Dataset : IProjectItem
{
    public int Id { get; init; }

    public int ProjectId { get; init; }

    public required string OwnerId { get; init; }

    public required string Name { get; set; }

    /// <summary>Comes along with the product.</summary>
    public bool IsSample { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime? DeletedAt { get; set; }

    public List<DatasetVersion> Versions { get; init; } = [];
}

/// <summary>An immutable state of a data set: a folder of the content store. Several versions may share one stored object.</summary>
public sealed class DatasetVersion
{
    public int Id { get; init; }

    public int DatasetId { get; init; }

    public Dataset Dataset { get; init; } = null!;

    /// <summary>1, 2, 3 … in its data set.</summary>
    public int Number { get; init; }

    public required string Hash { get; init; }

    /// <summary>A copy of <c>info.json</c> (<c>Engine.Datasets.DatasetInfo</c>).</summary>
    public required string InfoJson { get; init; }

    public long Rows { get; init; }

    public long ProblemRows { get; init; }

    public string? Task { get; init; }

    public DateTime CreatedAt { get; init; }
}

internal sealed class DatasetMapping : IEntityTypeConfiguration<Dataset>, IEntityTypeConfiguration<DatasetVersion>
{
    public void Configure(EntityTypeBuilder<Dataset> builder)
    {
        builder.Property(d => d.Name).HasMaxLength(200);
        builder.HasOne<Project>().WithMany().HasForeignKey(d => d.ProjectId);
        builder.HasMany(d => d.Versions).WithOne(v => v.Dataset).HasForeignKey(v => v.DatasetId);
    }

    public void Configure(EntityTypeBuilder<DatasetVersion> builder)
    {
        builder.Property(v => v.Hash).HasMaxLength(64);
        builder.HasIndex(v => v.Hash);
        builder.HasIndex(v => new { v.DatasetId, v.Number }).IsUnique();
    }
}
