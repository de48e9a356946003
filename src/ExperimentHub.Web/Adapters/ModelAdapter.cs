using ExperimentHub.Web.Models;
using ExperimentHub.Web.Projects;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ExperimentHub.Web.Adapters;

/// <summary>An adapter of PEFT in the content store, under a name, on its base.</summary>
public sealed class ModelAdapter : IProjectItem
{
    public int Id { get; init; }

    public int ProjectId { get; init; }

    public required string OwnerId { get; init; }

    public required string Name { get; set; }

    public required string Hash { get; init; }

    /// <summary>The worker's result (<c>Engine.Adapters.AdapterInfo</c>).</summary>
    public required string InfoJson { get; init; }

    public int BaseModelId { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime? DeletedAt { get; set; }
}

internal sealed class ModelAdapterMapping : IEntityTypeConfiguration<ModelAdapter>
{
    public void Configure(EntityTypeBuilder<ModelAdapter> builder)
    {
        builder.Property(a => a.Name).HasMaxLength(200);
        builder.Property(a => a.Hash).HasMaxLength(64);
        builder.HasIndex(a => a.Hash);
        builder.HasIndex(a => a.BaseModelId);
        builder.HasOne<Project>().WithMany().HasForeignKey(a => a.ProjectId);
        builder.HasOne<Model>().WithMany().HasForeignKey(a => a.BaseModelId);   // a base goes for good after its adapters
    }
}
