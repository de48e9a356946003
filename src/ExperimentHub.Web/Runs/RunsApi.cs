using System.Security.Claims;
using System.Text.Json.Nodes;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Api;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Projects;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ExperimentHub.Web.Runs;

internal static class RunsApi
{
    private const int MaxPoints = 10_000;

    public static void MapRuns(this IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/runs").WithTags("Runs");
        runs.MapGet("", ListAsync);
        runs.MapPost("", CreateAsync).RequireAuthorization(AccountSetup.MemberPolicy);
        runs.MapPost("/validate", ValidateAsync).RequireAuthorization(AccountSetup.MemberPolicy);
        runs.MapGet("/{id:int}", GetAsync);
        runs.MapGet("/{id:int}/metrics", MetricsAsync);
        runs.MapGet("/{id:int}/log", LogAsync);
        runs.MapGet("/{id:int}/checkpoints", CheckpointsAsync);
        runs.MapGet("/{id:int}/evaluation", EvaluationAsync);
        runs.MapPost("/{id:int}/stop", StopAsync);
        runs.MapPost("/{id:int}/cancel", CancelAsync);
        runs.MapPost("/{id:int}/resume", ResumeAsync);
        runs.MapPost("/{id:int}/move", MoveAsync);
        runs.MapDelete("/{id:int}", DeleteAsync);
    }

    private static async Task<Ok<List<RunView>>> ListAsync(ClaimsPrincipal user, ProjectAccess access, RunService runs, MetricReader reader, int? project, CancellationToken cancellationToken)
    {
        var visible = await access.VisibleIdsAsync(user, cancellationToken);
        var list = await runs.ListAsync([.. visible.Where(p => project is null || p == project)], cancellationToken: cancellationToken);
        var summaries = reader.Summaries(list.Select(r => r.Id));
        return TypedResults.Ok(list.Select(r => RunView.Of(r, reader.LatestAttempt(r.Id), summaries[r.Id])).ToList());
    }

    private static async Task<Results<Created<RunView>, BadRequest<ApiError>, NotFound<ApiError>>> CreateAsync(
        CreateRunRequest request, ClaimsPrincipal user, ProjectAccess access, RunService runs, CancellationToken cancellationToken)
    {
        if (await access.WritableAsync(user, request.Project, cancellationToken) is not { } project)
        {
            return ApiError.NotFound("project");
        }

        var (run, resolved) = await runs.CreateAsync(request.Config, project, user.FindFirstValue(ClaimTypes.NameIdentifier)!, cancellationToken: cancellationToken);
        return run is null
            ? ApiError.Bad(resolved.Faults)
            : TypedResults.Created($"/api/v1/runs/{run.Id}", RunView.Of(run, null, []));
    }

    private static async Task<Results<Ok<ResolvedConfig>, NotFound<ApiError>>> ValidateAsync(
        CreateRunRequest request, ClaimsPrincipal user, ProjectAccess access, RunConfigResolver resolver, CancellationToken cancellationToken) =>
        await access.WritableAsync(user, request.Project, cancellationToken) is { } project
            ? TypedResults.Ok(await resolver.ResolveAsync(request.Config, project, cancellationToken) with { Model = null, Dataset = null })
            : ApiError.NotFound("project");

    private static async Task<Results<Ok<RunView>, NotFound<ApiError>>> GetAsync(
        int id, ClaimsPrincipal user, ProjectAccess access, RunService runs, MetricReader reader, CancellationToken cancellationToken)
    {
        var run = await ReadableAsync(id, user, access, runs, Access.Read, cancellationToken);
        return run is null
            ? ApiError.NotFound("run")
            : TypedResults.Ok(RunView.Of(run, reader.LatestAttempt(id), reader.Summaries(id)));
    }

    private static async Task<Results<Ok<List<SeriesView>>, NotFound<ApiError>>> MetricsAsync(
        int id, ClaimsPrincipal user, ProjectAccess access, RunService runs, MetricReader reader, string? keys, int? max_points, long? from_step, long? to_step,
        long? after, CancellationToken cancellationToken)
    {
        if (await ReadableAsync(id, user, access, runs, Access.Read, cancellationToken) is null)
        {
            return ApiError.NotFound("run");
        }

        var wanted = keys is null ? reader.Summaries(id).Select(s => s.Key) : keys.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var points = Math.Clamp(max_points ?? 2000, 4, MaxPoints);
        return TypedResults.Ok(wanted.Select(key => SeriesView.Of(reader.Read(id, key, after ?? 0, points, from_step, to_step))).ToList());
    }

    private static async Task<Results<Ok<IReadOnlyList<LogLine>>, NotFound<ApiError>>> LogAsync(
        int id, ClaimsPrincipal user, ProjectAccess access, RunService runs, MetricReader reader, int? attempt, long? after, CancellationToken cancellationToken)
    {
        if (await ReadableAsync(id, user, access, runs, Access.Read, cancellationToken) is not { } run)
        {
            return ApiError.NotFound("run");
        }

        var state = reader.Attempts(id).FirstOrDefault(a => a.Number == (attempt ?? run.AttemptCount));
        return TypedResults.Ok(state is null ? [] : reader.Log(state.AttemptId, after ?? -1));
    }

    private static async Task<Results<Ok<IReadOnlyList<CheckpointView>>, NotFound<ApiError>>> CheckpointsAsync(
        int id, ClaimsPrincipal user, ProjectAccess access, RunService runs, RunFiles files, CancellationToken cancellationToken) =>
        await ReadableAsync(id, user, access, runs, Access.Read, cancellationToken) is null
            ? ApiError.NotFound("run")
            : TypedResults.Ok(files.Checkpoints(id));

    private static async Task<Results<Ok<JsonNode>, NotFound<ApiError>>> EvaluationAsync(
        int id, ClaimsPrincipal user, ProjectAccess access, RunService runs, RunFiles files, string? split, CancellationToken cancellationToken)
    {
        if (await ReadableAsync(id, user, access, runs, Access.Read, cancellationToken) is null)
        {
            return ApiError.NotFound("run");
        }

        return files.EvaluationJson(id, split) is { } json ? TypedResults.Ok(JsonNode.Parse(json)!) : ApiError.NotFound("evaluation");
    }

    private static Task<IResult> StopAsync(int id, ClaimsPrincipal user, ProjectAccess access, RunService runs, CancellationToken cancellationToken) =>
        ChangeAsync(id, user, access, runs, () => runs.StopAsync(id, cancellationToken), "Only a run that waits or runs can be stopped.", cancellationToken);

    private static Task<IResult> CancelAsync(int id, ClaimsPrincipal user, ProjectAccess access, RunService runs, CancellationToken cancellationToken) =>
        ChangeAsync(id, user, access, runs, () => runs.CancelAsync(id, cancellationToken), "Only a run that waits or runs can be cancelled.", cancellationToken);

    private static Task<IResult> ResumeAsync(int id, ClaimsPrincipal user, ProjectAccess access, RunService runs, CancellationToken cancellationToken) =>
        ChangeAsync(id, user, access, runs, () => runs.ResumeAsync(id, cancellationToken), "Only a run that was stopped, cancelled or has failed can be resumed.", cancellationToken);

    private static Task<IResult> MoveAsync(int id, int by, ClaimsPrincipal user, ProjectAccess access, RunService runs, CancellationToken cancellationToken) =>
        ChangeAsync(id, user, access, runs, () => runs.ReorderAsync(id, Math.Sign(by), cancellationToken), "Only a waiting run can be moved, and only within the queue.", cancellationToken);

    private static Task<IResult> DeleteAsync(int id, ClaimsPrincipal user, ProjectAccess access, RunService runs, CancellationToken cancellationToken) =>
        ChangeAsync(id, user, access, runs, () => runs.SetDeletedAsync(id, true, cancellationToken), "Only a run that has ended can go to the trash.", cancellationToken);

    private static async Task<IResult> ChangeAsync(
        int id, ClaimsPrincipal user, ProjectAccess access, RunService runs, Func<Task<bool>> change, string refusal, CancellationToken cancellationToken)
    {
        if (await ReadableAsync(id, user, access, runs, Access.Write, cancellationToken) is null)
        {
            return ApiError.NotFound("run");
        }

        return await change() ? TypedResults.NoContent() : ApiError.Conflict("run.status", refusal);
    }

    /// <summary>A run that may not be seen looks like one that is not there, so that ids tell nothing.</summary>
    private static async Task<Run?> ReadableAsync(int id, ClaimsPrincipal user, ProjectAccess access, RunService runs, Access wanted, CancellationToken cancellationToken) =>
        await runs.FindAsync(id, cancellationToken) is { } run && await access.AllowsAsync(user, run.ProjectId, wanted, cancellationToken) ? run : null;
}
