using System.Security.Claims;
using System.Text.Json.Nodes;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Datasets.Tokens;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Api;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Projects;
using ExperimentHub.Web.Workers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ExperimentHub.Web.Datasets;

public sealed record ImportDatasetRequest
{
    public int? Project { get; init; }

    public string? Name { get; init; }

    /// <summary>An upload that is complete.</summary>
    public string? Upload { get; init; }

    /// <summary>The key of a bundled data set (<c>sentiment</c>).</summary>
    public string? Sample { get; init; }

    /// <summary>A path on the server; administrators only.</summary>
    public string? Path { get; init; }

    /// <summary>Makes a new version of this data set instead of a new one.</summary>
    public int? Dataset { get; init; }

    /// <summary>How to read and split it (<c>source</c>, <c>task</c>, <c>text_column</c>, <c>label_column</c>, <c>split</c> …); what is missing is guessed.</summary>
    public JsonObject? Settings { get; init; }

    internal DatasetSource Source => new() { Upload = Upload, Sample = Sample, Path = Path };
}

public sealed record DatasetVersionView(int Id, int Number, string Hash, long Rows, long ProblemRows, string? Task, DateTime CreatedAt, JsonNode? Info);

public sealed record DatasetView(int Id, int Project, string Name, bool IsSample, DateTime CreatedAt, IReadOnlyList<DatasetVersionView> Versions)
{
    public static DatasetView Of(Dataset dataset, bool withInfo) => new(
        dataset.Id, dataset.ProjectId, dataset.Name, dataset.IsSample, dataset.CreatedAt,
        [.. dataset.Versions.Select(v => new DatasetVersionView(v.Id, v.Number, v.Hash, v.Rows, v.ProblemRows, v.Task, v.CreatedAt, withInfo ? JsonNode.Parse(v.InfoJson) : null))]);
}

internal static class DatasetsApi
{
    public static void MapDatasets(this IEndpointRouteBuilder api)
    {
        var datasets = api.MapGroup("/datasets").WithTags("Data sets");
        datasets.MapGet("", ListAsync);
        datasets.MapGet("/samples", () => TypedResults.Ok(SampleDatasets.All.Select(s => s.Key).ToList()));
        datasets.MapPost("/inspect", InspectAsync).RequireAuthorization(AccountSetup.MemberPolicy);
        datasets.MapPost("", ImportAsync).RequireAuthorization(AccountSetup.MemberPolicy);
        datasets.MapGet("/{id:int}", GetAsync);
        datasets.MapGet("/{id:int}/versions/{number:int}/problems", ProblemsAsync);
        datasets.MapGet("/{id:int}/versions/{number:int}/token-lengths/{model:int}", TokenLengthsAsync);
        datasets.MapPost("/{id:int}/versions/{number:int}/token-lengths/{model:int}", CountTokensAsync);
        datasets.MapDelete("/{id:int}", DeleteAsync);
    }

    private static async Task<Ok<List<DatasetView>>> ListAsync(ClaimsPrincipal user, ProjectAccess access, DatasetService datasets, int? project, CancellationToken cancellationToken)
    {
        var visible = await access.VisibleIdsAsync(user, cancellationToken);
        var list = await datasets.ListAsync([.. visible.Where(p => project is null || p == project)], cancellationToken: cancellationToken);
        return TypedResults.Ok(list.Select(d => DatasetView.Of(d, withInfo: false)).ToList());
    }

    private static Task<IResult> InspectAsync(ImportDatasetRequest request, ClaimsPrincipal user, ProjectAccess access, DatasetImports imports, CancellationToken cancellationToken) =>
        QueueAsync(request, user, access, (project, owner) => imports.InspectAsync(request.Source, request.Settings, project, owner, cancellationToken), cancellationToken);

    private static Task<IResult> ImportAsync(ImportDatasetRequest request, ClaimsPrincipal user, ProjectAccess access, DatasetImports imports, CancellationToken cancellationToken) =>
        QueueAsync(request, user, access, (project, owner) => imports.ImportAsync(request.Source, request.Name, request.Settings, request.Dataset, project, owner, cancellationToken), cancellationToken);

    private static async Task<IResult> QueueAsync(ImportDatasetRequest request, ClaimsPrincipal user, ProjectAccess access, Func<int, string, Task<Job>> queue, CancellationToken cancellationToken)
    {
        if (request.Path is not null && !user.IsInRole(Roles.Admin))
        {
            return ApiError.Bad("dataset.path", "Only an administrator imports from a path on the server; upload the file instead.");
        }

        if (await access.WritableAsync(user, request.Project, cancellationToken) is not { } project)
        {
            return ApiError.NotFound("project");
        }

        try
        {
            var job = await queue(project, user.FindFirstValue(ClaimTypes.NameIdentifier)!);
            return TypedResults.Accepted($"/api/v1/jobs/{job.Id}", JobSummary.Of(new JobView(job, null)));
        }
        catch (InputException e)
        {
            return ApiError.Bad(e);
        }
    }

    private static async Task<Results<Ok<DatasetView>, NotFound<ApiError>>> GetAsync(int id, ClaimsPrincipal user, ProjectAccess access, DatasetService datasets, CancellationToken cancellationToken) =>
        await FindAsync(id, user, access, datasets, Access.Read, cancellationToken) is { } dataset
            ? TypedResults.Ok(DatasetView.Of(dataset, withInfo: true))
            : ApiError.NotFound("data set");

    /// <summary>The rows kept aside, with line number and reason, as JSON lines.</summary>
    private static async Task<Results<PhysicalFileHttpResult, NotFound<ApiError>>> ProblemsAsync(
        int id, int number, ClaimsPrincipal user, ProjectAccess access, DatasetService datasets, HubPaths paths, CancellationToken cancellationToken)
    {
        var dataset = await FindAsync(id, user, access, datasets, Access.Read, cancellationToken);
        if (dataset?.Versions.Find(v => v.Number == number) is not { } version || !ContentHash.IsValid(version.Hash))
        {
            return ApiError.NotFound("version");
        }

        var file = Path.Combine(paths.Dataset(version.Hash), "problems.jsonl");
        return File.Exists(file)
            ? TypedResults.PhysicalFile(file, "application/x-ndjson", $"problems-{id}-{number}.jsonl")
            : ApiError.NotFound("file of problems");
    }

    /// <summary>How many rows have how many tokens of the tokenizer of <paramref name="model"/> (an id), once somebody has had them counted.</summary>
    private static async Task<Results<Ok<TokenLengths>, NotFound<ApiError>>> TokenLengthsAsync(
        int id, int number, int model, ClaimsPrincipal user, ProjectAccess access, DatasetService datasets, ModelService models, DatasetTokens tokens, CancellationToken cancellationToken)
    {
        if (await VersionAndModelAsync(id, number, model, user, access, datasets, models, Access.Read, cancellationToken) is not (var dataset, var version, { } hash))
        {
            return ApiError.NotFound("version or model");
        }

        return DatasetTokens.Lengths(await tokens.FindAsync(dataset.ProjectId, version.Hash, hash, cancellationToken)) is { } lengths
            ? TypedResults.Ok(lengths)
            : ApiError.NotFound("count of tokens");
    }

    /// <summary>Counts them, as a job; one that is known is answered with the job that counted it.</summary>
    private static async Task<Results<Accepted<JobSummary>, NotFound<ApiError>>> CountTokensAsync(
        int id, int number, int model, ClaimsPrincipal user, ProjectAccess access, DatasetService datasets, ModelService models, DatasetTokens tokens, CancellationToken cancellationToken)
    {
        if (await VersionAndModelAsync(id, number, model, user, access, datasets, models, Access.Write, cancellationToken) is not (var dataset, var version, { } hash))
        {
            return ApiError.NotFound("version or model");
        }

        var job = await tokens.CountAsync(dataset, version, hash, user.FindFirstValue(ClaimTypes.NameIdentifier)!, cancellationToken);
        return TypedResults.Accepted($"/api/v1/jobs/{job.Job.Id}", JobSummary.Of(job));
    }

    private static async Task<(Dataset Dataset, DatasetVersion Version, string Model)?> VersionAndModelAsync(
        int id, int number, int model, ClaimsPrincipal user, ProjectAccess access, DatasetService datasets, ModelService models, Access wanted, CancellationToken cancellationToken) =>
        await FindAsync(id, user, access, datasets, wanted, cancellationToken) is { } dataset
        && dataset.Versions.Find(v => v.Number == number) is { } version
        && await models.FindAsync(model, cancellationToken) is { DeletedAt: null } found && found.ProjectId == dataset.ProjectId
            ? (dataset, version, found.Hash)
            : null;

    private static async Task<Results<NoContent, NotFound<ApiError>>> DeleteAsync(int id, ClaimsPrincipal user, ProjectAccess access, DatasetService datasets, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, user, access, datasets, Access.Write, cancellationToken) is null)
        {
            return ApiError.NotFound("data set");
        }

        await datasets.SetDeletedAsync(id, true, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Dataset?> FindAsync(int id, ClaimsPrincipal user, ProjectAccess access, DatasetService datasets, Access wanted, CancellationToken cancellationToken) =>
        await datasets.FindAsync(id, cancellationToken) is { } dataset && await access.AllowsAsync(user, dataset.ProjectId, wanted, cancellationToken) ? dataset : null;
}
