using ExperimentHub.Web.Projects;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ExperimentHub.Web.Models;

/// <summary>A Hugging Face folder in the content store, under a name.</summary>
public sealed class Model : IProjectItem
{
    public int Id { get; init; }

    public int ProjectId { get; init; }

    public required string OwnerId { get; init; }

    public required string Name { get; set; }

    public required string Hash { get; init; }

    /// <summary>A copy of <c>model_info.json</c> (<c>Engine.Models.ModelInfo</c>).</summary>
    public required string InfoJson { get; init; }

    public long Parameters { get; init; }

    public ModelSource Source { get; init; }

    /// <summary>The run that made it.</summary>
    public int? RunId { get; init; }

    /// <summary>The model it was fine-tuned from, or that an adapter was merged into.</summary>
    public int? BaseModelId { get; init; }

    public string? Licence { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime? DeletedAt { get; set; }
}

public enum ModelSource
{
    Starter,
    Import,
    FromScratch,
    Run,

    /// <summary>Of a base and an adapter.</summary>
    Merge,
}

internal sealed class ModelMapping : IEntityTypeConfiguration<Model>
{
    public void Configure(EntityTypeBuilder<Model> builder)
    {
        builder.Property(m => m.Name).HasMaxLength(200);
        builder.Property(m => m.Hash).HasMaxLength(64);
        builder.Property(m => m.Source).HasConversion<string>().HasMaxLength(16);
        builder.HasIndex(m => m.Hash);
        builder.HasIndex(m => m.RunId);
        builder.HasOne<Project>().WithMany().HasForeignKey(m => m.ProjectId);
    }
}
