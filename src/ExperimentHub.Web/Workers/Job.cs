using ExperimentHub.Web.Projects;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ExperimentHub.Web.Workers;

public enum JobStatus
{
    Queued,
    Running,
    Finished,
    Cancelled,
    Failed,
}

/// <summary>A long piece of work that is not a training run: an import, a model from scratch … Listed in the task menu.</summary>
public sealed class Job : IProjectItem
{
    public int Id { get; init; }

    public int ProjectId { get; init; }

    public required string OwnerId { get; init; }

    /// <summary>One of <c>JobKinds</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it works on, as people call it: a file or a model name.</summary>
    public required string Title { get; init; }

    public JobStatus Status { get; set; }

    /// <summary>What goes into run.json beside the header.</summary>
    public required string SettingsJson { get; init; }

    /// <summary>What the hub does with the result when it is there, as JSON of the feature that made the job.</summary>
    public string? FollowUpJson { get; init; }

    /// <summary>The worker's <c>result.json</c>.</summary>
    public string? ResultJson { get; set; }

    /// <summary>What came of it: the id of the data set or model, once the follow-up is done.</summary>
    public int? ResultId { get; set; }

    public string? Error { get; set; }

    public string? ErrorCode { get; set; }

    public string? ErrorArguments { get; set; }

    public DateTime CreatedAt { get; init; }

    public DateTime? EndedAt { get; set; }
}

/// <summary>One worker process for one run or job: pid, start time and token tell it from any other.</summary>
public sealed class Attempt
{
    public int Id { get; init; }

    public int? RunId { get; init; }

    public int? JobId { get; init; }

    public int Number { get; init; }

    /// <summary>Relative to the data directory.</summary>
    public required string Folder { get; init; }

    public required string Token { get; init; }

    /// <summary>Null until the process is known to have started.</summary>
    public int? Pid { get; set; }

    /// <summary>When the process started, in the operating system's own unit: the same pid with another start is another process.</summary>
    public long? ProcessStart { get; set; }

    public DateTime StartedAt { get; init; }

    /// <summary>Null while the hub follows it.</summary>
    public DateTime? EndedAt { get; set; }

    /// <summary>Sequence number of the last command written to control.jsonl.</summary>
    public long LastCommand { get; set; }

    public DateTime? CancelAskedAt { get; set; }
}

internal sealed class JobMapping : IEntityTypeConfiguration<Job>, IEntityTypeConfiguration<Attempt>
{
    public void Configure(EntityTypeBuilder<Job> builder)
    {
        builder.Property(j => j.Status).HasConversion<string>().HasMaxLength(16);
        builder.Property(j => j.Kind).HasMaxLength(40);
        builder.Property(j => j.Title).HasMaxLength(300);
        builder.HasIndex(j => j.Status);
        builder.HasOne<Project>().WithMany().HasForeignKey(j => j.ProjectId);
    }

    public void Configure(EntityTypeBuilder<Attempt> builder)
    {
        builder.HasIndex(a => a.EndedAt);
        builder.HasIndex(a => new { a.RunId, a.Number }).IsUnique();
        builder.HasIndex(a => a.JobId);
        builder.HasOne<Runs.Run>().WithMany().HasForeignKey(a => a.RunId);
        builder.HasOne<Job>().WithMany().HasForeignKey(a => a.JobId);
    }
}
