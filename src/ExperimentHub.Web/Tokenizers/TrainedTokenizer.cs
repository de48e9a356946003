using ExperimentHub.Web.Projects;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ExperimentHub.Web.Tokenizers;

/// <summary>A tokenizer that was trained on a data set, in the content store, under a name.</summary>
public sealed class TrainedTokenizer : IProjectItem
{
    public int Id { get; init; }

    public int ProjectId { get; init; }

    public required string OwnerId { get; init; }

    public required string Name { get; set; }

    public required string Hash { get; init; }

    /// <summary>The worker's result (<c>Engine.Tokenizers.Training.TokenizerInfo</c>).</summary>
    public required string InfoJson { get; init; }

    /// <summary>The data set whose texts it was learned from.</summary>
    public int DatasetId { get; init; }

    /// <summary>The version of it, by content hash.</summary>
    public required string DatasetHash { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime? DeletedAt { get; set; }
}

internal sealed class TrainedTokenizerMapping : IEntityTypeConfiguration<TrainedTokenizer>
{
    public void Configure(EntityTypeBuilder<TrainedTokenizer> builder)
    {
        builder.Property(t => t.Name).HasMaxLength(200);
        builder.Property(t => t.Hash).HasMaxLength(64);
        builder.Property(t => t.DatasetHash).HasMaxLength(64);
        builder.HasIndex(t => t.Hash);
        builder.HasOne<Project>().WithMany().HasForeignKey(t => t.ProjectId);
    }
}
