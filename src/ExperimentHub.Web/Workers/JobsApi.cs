using System.Security.Claims;
using System.Text.Json.Nodes;
using ExperimentHub.Web.Api;
using ExperimentHub.Web.Projects;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ExperimentHub.Web.Workers;

/// <summary>A job as the API tells it.</summary>
public sealed record JobSummary(
    int Id, string Kind, string Title, JobStatus Status, string? Stage, double? Progress, long? Done, long? Total, double? SecondsLeft, string? Error, string? ErrorCode,
    int? ResultId, JsonNode? Result, DateTime CreatedAt, DateTime? EndedAt)
{
    public static JobSummary Of(JobView view) => new(
        view.Job.Id, view.Job.Kind, view.Job.Title, view.Job.Status, view.Progress?.Stage, view.Progress?.Fraction, view.Progress?.Done, view.Progress?.Total,
        view.Progress?.SecondsLeft, view.Job.Error, view.Job.ErrorCode, view.Job.ResultId, view.Job.ResultJson is { } json ? JsonNode.Parse(json) : null,
        view.Job.CreatedAt, view.Job.EndedAt);
}

internal static class JobsApi
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(60);

    public static void MapJobs(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapGet("", async (ClaimsPrincipal user, ProjectAccess access, JobService service, CancellationToken cancellationToken) =>
            TypedResults.Ok((await service.RecentAsync(await access.VisibleIdsAsync(user, cancellationToken), 50, cancellationToken)).Select(JobSummary.Of).ToList()));
        jobs.MapGet("/{id:int}", GetAsync);
        jobs.MapPost("/{id:int}/cancel", CancelAsync);
    }

    /// <summary><paramref name="wait"/>: seconds to wait for its end before answering how it stands.</summary>
    private static async Task<Results<Ok<JobSummary>, NotFound<ApiError>>> GetAsync(
        int id, ClaimsPrincipal user, ProjectAccess access, JobService jobs, double? wait, CancellationToken cancellationToken)
    {
        var view = await jobs.FindAsync(id, cancellationToken);
        if (view is null || !await access.AllowsAsync(user, view.Job.ProjectId, Access.Read, cancellationToken))
        {
            return ApiError.NotFound("job");
        }

        if (wait is > 0)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(Math.Min(wait.Value, s_longestWait.TotalSeconds)));
            try
            {
                view = await jobs.WaitAsync(id, limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                view = await jobs.FindAsync(id, cancellationToken);
            }
        }

        return TypedResults.Ok(JobSummary.Of(view!));
    }

    private static async Task<Results<NoContent, NotFound<ApiError>>> CancelAsync(
        int id, ClaimsPrincipal user, ProjectAccess access, JobService jobs, CancellationToken cancellationToken)
    {
        var view = await jobs.FindAsync(id, cancellationToken);
        if (view is null || !await access.AllowsAsync(user, view.Job.ProjectId, Access.Write, cancellationToken))
        {
            return ApiError.NotFound("job");
        }

        await jobs.CancelAsync(id, cancellationToken);
        return TypedResults.NoContent();
    }
}
