using System.Security.Claims;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Api;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Projects;
using ExperimentHub.Web.Workers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ExperimentHub.Web.Adapters;

public sealed record ImportAdapterRequest
{
    public int? Project { get; init; }

    public string? Name { get; init; }

    /// <summary>A complete upload of a zip, tar or tar.gz.</summary>
    public string? Upload { get; init; }

    /// <summary>A folder or archive on the server; administrators only.</summary>
    public string? Path { get; init; }

    /// <summary>The model (id) that it was trained on; without it, the one whose name its file says, or the only one of the project that it fits.</summary>
    public int? Base { get; init; }
}

public sealed record MergeAdapterRequest
{
    /// <summary>Of the model that comes out.</summary>
    public string? Name { get; init; }
}

public sealed record AdapterView(int Id, int Project, string Name, string Hash, int Base, DateTime CreatedAt, AdapterInfo Info)
{
    public static AdapterView Of(ModelAdapter adapter) =>
        new(adapter.Id, adapter.ProjectId, adapter.Name, adapter.Hash, adapter.BaseModelId, adapter.CreatedAt, AdapterService.Info(adapter));
}

internal static class AdaptersApi
{
    public static void MapAdapters(this IEndpointRouteBuilder api)
    {
        var adapters = api.MapGroup("/adapters").WithTags("Adapters");
        adapters.MapGet("", ListAsync);
        adapters.MapPost("", ImportAsync).RequireAuthorization(AccountSetup.MemberPolicy);
        adapters.MapGet("/{id:int}", GetAsync);
        adapters.MapGet("/{id:int}/download", DownloadAsync);
        adapters.MapPost("/{id:int}/merge", MergeAsync);
        adapters.MapDelete("/{id:int}", DeleteAsync);
    }

    /// <summary>Those of one base with <paramref name="model"/>.</summary>
    private static async Task<Ok<List<AdapterView>>> ListAsync(ClaimsPrincipal user, ProjectAccess access, AdapterService adapters, int? project, int? model, CancellationToken cancellationToken)
    {
        var visible = await access.VisibleIdsAsync(user, cancellationToken);
        var list = await adapters.ListAsync([.. visible.Where(p => project is null || p == project)], model, cancellationToken: cancellationToken);
        return TypedResults.Ok(list.Select(AdapterView.Of).ToList());
    }

    private static async Task<IResult> ImportAsync(ImportAdapterRequest request, ClaimsPrincipal user, ProjectAccess access, AdapterService adapters, ModelService models, CancellationToken cancellationToken)
    {
        if (request.Path is not null && !user.IsInRole(Roles.Admin))
        {
            return ApiError.Bad("model.path", "Only an administrator imports from a path on the server; upload a zip instead.");
        }

        if (await access.WritableAsync(user, request.Project, cancellationToken) is not { } project)
        {
            return ApiError.NotFound("project");
        }

        var basis = request.Base is { } id ? await models.FindAsync(id, cancellationToken) : null;
        if (request.Base is not null && (basis is not { DeletedAt: null } || basis.ProjectId != project))
        {
            return ApiError.Bad("adapter.no_such_base", "The base is no model of this project; name one by its id, or none.");
        }

        var owner = user.FindFirstValue(ClaimTypes.NameIdentifier)!;
        try
        {
            var job = request switch
            {
                { Upload: { } upload } => await adapters.UploadAsync(upload, request.Name, basis, project, owner, cancellationToken),
                { Path: { } path } => await adapters.PathAsync(path, request.Name, basis, project, owner, cancellationToken),
                _ => throw new InputException("Say which adapter: an upload or a path.", "adapter.no_source"),
            };
            return TypedResults.Accepted($"/api/v1/jobs/{job.Id}", JobSummary.Of(new JobView(job, null)));
        }
        catch (InputException e)
        {
            return ApiError.Bad(e);
        }
    }

    private static async Task<Results<Ok<AdapterView>, NotFound<ApiError>>> GetAsync(int id, ClaimsPrincipal user, ProjectAccess access, AdapterService adapters, CancellationToken cancellationToken) =>
        await FindAsync(id, user, access, adapters, Access.Read, cancellationToken) is { } adapter ? TypedResults.Ok(AdapterView.Of(adapter)) : ApiError.NotFound("adapter");

    /// <summary>The folder as PEFT loads it, as a zip; weights do not compress, so they are stored.</summary>
    private static async Task<Results<PushStreamHttpResult, NotFound<ApiError>>> DownloadAsync(
        int id, HttpContext context, ProjectAccess access, AdapterService adapters, HubPaths paths, CancellationToken cancellationToken) =>
        await FindAsync(id, context.User, access, adapters, Access.Read, cancellationToken) is { } adapter && ContentHash.IsValid(adapter.Hash)
            ? FolderZip.Stream(context, paths.Adapter(adapter.Hash), $"adapter-{id}.zip", cancellationToken)
            : ApiError.NotFound("adapter");

    private static async Task<IResult> MergeAsync(
        int id, MergeAdapterRequest request, ClaimsPrincipal user, ProjectAccess access, AdapterService adapters, ModelService models, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, user, access, adapters, Access.Write, cancellationToken) is not { } adapter || await models.FindAsync(adapter.BaseModelId, cancellationToken) is not { } basis)
        {
            return ApiError.NotFound("adapter");
        }

        try
        {
            var job = await adapters.MergeAsync(adapter, basis, request.Name, user.FindFirstValue(ClaimTypes.NameIdentifier)!, cancellationToken);
            return TypedResults.Accepted($"/api/v1/jobs/{job.Id}", JobSummary.Of(new JobView(job, null)));
        }
        catch (InputException e)
        {
            return ApiError.Bad(e);
        }
    }

    private static async Task<Results<NoContent, NotFound<ApiError>>> DeleteAsync(int id, ClaimsPrincipal user, ProjectAccess access, AdapterService adapters, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, user, access, adapters, Access.Write, cancellationToken) is null)
        {
            return ApiError.NotFound("adapter");
        }

        await adapters.SetDeletedAsync(id, true, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<ModelAdapter?> FindAsync(int id, ClaimsPrincipal user, ProjectAccess access, AdapterService adapters, Access wanted, CancellationToken cancellationToken) =>
        await adapters.FindAsync(id, cancellationToken) is { DeletedAt: null } adapter && await access.AllowsAsync(user, adapter.ProjectId, wanted, cancellationToken) ? adapter : null;
}
