using System.Security.Claims;
using System.Text.Json.Nodes;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Models.Presets;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Api;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Projects;
using ExperimentHub.Web.Workers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ExperimentHub.Web.Models;

public sealed record ImportModelRequest
{
    public int? Project { get; init; }

    public string? Name { get; init; }

    /// <summary>A complete upload of a zip, tar or tar.gz.</summary>
    public string? Upload { get; init; }

    /// <summary>A folder or archive on the server; administrators only.</summary>
    public string? Path { get; init; }

    /// <summary>A model of the hub that the server is set to: <c>owner/name</c>.</summary>
    public string? Repository { get; init; }

    /// <summary>With <see cref="Repository"/>: a branch, a tag or a commit; main without it.</summary>
    public string? Revision { get; init; }

    /// <summary>With <see cref="Repository"/>: a token of the hub that may read it. It is shown nowhere and forgotten when the import has ended.</summary>
    public string? Token { get; init; }

    /// <summary>The model that comes with the product.</summary>
    public bool Starter { get; init; }

    /// <summary>From scratch: <c>tiny</c>, <c>mini</c>, <c>small</c> or <c>base</c>, over one of the following three.</summary>
    public string? Preset { get; init; }

    /// <summary>With <see cref="Preset"/>: the family, as <c>GET /models/presets</c> lists them; BERT without it.</summary>
    public string? Family { get; init; }

    /// <summary>The data set version (id) whose texts make the vocabulary.</summary>
    public int? Dataset { get; init; }

    /// <summary>With <see cref="Dataset"/>; the preset's own without it.</summary>
    public int? VocabularySize { get; init; }

    /// <summary>A trained tokenizer, by id.</summary>
    public int? Tokenizer { get; init; }

    /// <summary>The model (id) whose tokenizer it shares.</summary>
    public int? TokenizerOf { get; init; }
}

/// <summary>What an import from the model hub would fetch.</summary>
public sealed record ModelHubPlanView(string Repository, string Revision, string Commit, long Bytes, IReadOnlyList<ModelHubFileView> Files, int OtherFiles);

public sealed record ModelHubFileView(string Path, long Size);

public sealed record ModelHubRequest
{
    /// <summary><c>owner/name</c>.</summary>
    public required string Repository { get; init; }

    public string? Revision { get; init; }

    public string? Token { get; init; }
}

public sealed record ModelView(int Id, int Project, string Name, string Hash, ModelSource Source, long Parameters, int? Run, int? BaseModel, string? Licence, DateTime CreatedAt, JsonNode? Info)
{
    public static ModelView Of(Model model, bool withInfo) => new(
        model.Id, model.ProjectId, model.Name, model.Hash, model.Source, model.Parameters, model.RunId, model.BaseModelId, model.Licence, model.CreatedAt,
        withInfo ? JsonNode.Parse(model.InfoJson) : null);
}

internal static class ModelsApi
{
    public static void MapModels(this IEndpointRouteBuilder api)
    {
        var models = api.MapGroup("/models").WithTags("Models");
        models.MapGet("", ListAsync);
        models.MapPost("", ImportAsync).RequireAuthorization(AccountSetup.MemberPolicy);
        models.MapGet("/presets", ListPresets);
        models.MapPost("/hub-plan", PlanAsync).RequireAuthorization(AccountSetup.MemberPolicy);
        models.MapGet("/{id:int}", GetAsync);
        models.MapGet("/{id:int}/download", DownloadAsync);
        models.MapDelete("/{id:int}", DeleteAsync);
    }

    private static async Task<Ok<List<ModelView>>> ListAsync(ClaimsPrincipal user, ProjectAccess access, ModelService models, int? project, CancellationToken cancellationToken)
    {
        var visible = await access.VisibleIdsAsync(user, cancellationToken);
        var list = await models.ListAsync([.. visible.Where(p => project is null || p == project)], cancellationToken: cancellationToken);
        return TypedResults.Ok(list.Select(m => ModelView.Of(m, withInfo: false)).ToList());
    }

    private static async Task<IResult> ImportAsync(
        ImportModelRequest request, ClaimsPrincipal user, ProjectAccess access, ModelImports imports, ModelHubBrowser hub, ScratchRequests scratch, CancellationToken cancellationToken)
    {
        if (request.Path is not null && !user.IsInRole(Roles.Admin))
        {
            return ApiError.Bad("model.path", "Only an administrator imports from a path on the server; upload a zip instead.");
        }

        if (await access.WritableAsync(user, request.Project, cancellationToken) is not { } project)
        {
            return ApiError.NotFound("project");
        }

        var owner = user.FindFirstValue(ClaimTypes.NameIdentifier)!;
        try
        {
            var job = request switch
            {
                { Starter: true } => await imports.StarterAsync(project, owner, cancellationToken),
                { Upload: { } upload } => await imports.UploadAsync(upload, request.Name, project, owner, cancellationToken),
                { Path: { } path } => await imports.PathAsync(path, request.Name, project, owner, cancellationToken),
                { Repository: { } repository } => await imports.HubAsync(hub.Parse(repository, request.Revision), hub.Required, request.Token, request.Name, project, owner, cancellationToken),
                { Preset: not null } => await scratch.CreateAsync(request, user, project, owner, cancellationToken),
                _ => throw new InputException("Say which model: an upload, a path, a repository of the model hub, the starter, or a preset with a data set version or a tokenizer.", "model.no_source"),
            };
            return TypedResults.Accepted($"/api/v1/jobs/{job.Id}", JobSummary.Of(new JobView(job, null)));
        }
        catch (InputException e)
        {
            return ApiError.Bad(e);
        }
    }

    private static Ok<List<FamilyPresetView>> ListPresets() => TypedResults.Ok(FamilyPresets.All.Select(FamilyPresetView.Of).ToList());

    private static async Task<Results<Ok<ModelHubPlanView>, BadRequest<ApiError>>> PlanAsync(ModelHubRequest request, ModelHubBrowser hub, CancellationToken cancellationToken)
    {
        try
        {
            var plan = await hub.PlanAsync(request.Repository, request.Revision, request.Token, cancellationToken);
            return TypedResults.Ok(new ModelHubPlanView(
                plan.Source.Repository, plan.Revision, plan.Source.Revision, plan.Bytes, [.. plan.Files.Select(f => new ModelHubFileView(f.Path, f.Size))], plan.Others));
        }
        catch (InputException e)
        {
            return ApiError.Bad(e);
        }
    }

    private static async Task<Results<Ok<ModelView>, NotFound<ApiError>>> GetAsync(int id, ClaimsPrincipal user, ProjectAccess access, ModelService models, CancellationToken cancellationToken) =>
        await FindAsync(id, user, access, models, Access.Read, cancellationToken) is { } model
            ? TypedResults.Ok(ModelView.Of(model, withInfo: true))
            : ApiError.NotFound("model");

    /// <summary>The Hugging Face folder as a zip.</summary>
    private static async Task<Results<PushStreamHttpResult, NotFound<ApiError>>> DownloadAsync(
        int id, HttpContext context, ProjectAccess access, ModelService models, HubPaths paths, CancellationToken cancellationToken) =>
        await FindAsync(id, context.User, access, models, Access.Read, cancellationToken) is { } model && ContentHash.IsValid(model.Hash)
            ? FolderZip.Stream(context, paths.Model(model.Hash), $"model-{id}.zip", cancellationToken)
            : ApiError.NotFound("model");

    private static async Task<Results<NoContent, NotFound<ApiError>>> DeleteAsync(int id, ClaimsPrincipal user, ProjectAccess access, ModelService models, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, user, access, models, Access.Write, cancellationToken) is null)
        {
            return ApiError.NotFound("model");
        }

        await models.SetDeletedAsync(id, true, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Model?> FindAsync(int id, ClaimsPrincipal user, ProjectAccess access, ModelService models, Access wanted, CancellationToken cancellationToken) =>
        await models.FindAsync(id, cancellationToken) is { } model && await access.AllowsAsync(user, model.ProjectId, wanted, cancellationToken) ? model : null;
}
