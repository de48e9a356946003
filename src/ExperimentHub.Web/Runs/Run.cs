using ExperimentHub.Web.Projects;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ExperimentHub.Web.Runs;

public enum RunStatus
{
    Draft,
    Queued,
    Starting,
    Running,

    /// <summary>Asked to stop or to cancel, not yet ended.</summary>
    Stopping,
    Finished,

    /// <summary>Ended early with a checkpoint; can be resumed.</summary>
    Stopped,
    Cancelled,
    Failed,
}

/// <summary>One training run. Its files lie under <c>runs/{Id}</c>, its curves in metrics.db.</summary>
public sealed class Run : IProjectItem
{
    public int Id { get; init; }

    public int ProjectId { get; init; }

    public required string OwnerId { get; init; }

    public required string Name { get; set; }

    public RunStatus Status { get; set; }

    /// <summary>The <c>RunConfig</c> it was created with, model and data set by content hash. Never changes.</summary>
    public required string ConfigJson { get; init; }

    public int DatasetVersionId { get; init; }

    public int ModelId { get; init; }

    /// <summary>The run this one was cloned from.</summary>
    public int? ClonedFromId { get; init; }

    /// <summary>Smaller goes first; changed when a person reorders the queue.</summary>
    public double QueueOrder { get; set; }

    /// <summary>Index into the palette of run colours.</summary>
    public int Color { get; set; }

    public string? Notes { get; set; }

    public int AttemptCount { get; set; }

    /// <summary>One sentence for people, with code and arguments (JSON array) for other languages; set when it failed.</summary>
    public string? Error { get; set; }

    public string? ErrorCode { get; set; }

    public string? ErrorArguments { get; set; }

    /// <summary>The model it left.</summary>
    public int? ResultModelId { get; set; }

    public DateTime CreatedAt { get; init; }

    public DateTime? QueuedAt { get; set; }

    public DateTime? StartedAt { get; set; }

    public DateTime? EndedAt { get; set; }

    public DateTime? DeletedAt { get; set; }
}

internal sealed class RunMapping : IEntityTypeConfiguration<Run>
{
    public void Configure(EntityTypeBuilder<Run> builder)
    {
        builder.Property(r => r.Name).HasMaxLength(200);
        builder.Property(r => r.Status).HasConversion<string>().HasMaxLength(16);
        builder.HasIndex(r => new { r.Status, r.QueueOrder });
        builder.HasOne<Project>().WithMany().HasForeignKey(r => r.ProjectId);
    }
}
