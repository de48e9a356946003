using System.IO.Compression;
using System.Security.Claims;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Tokenizers.Training;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Api;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Projects;
using ExperimentHub.Web.Workers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ExperimentHub.Web.Tokenizers;

public sealed record TrainTokenizerRequest
{
    public string? Name { get; init; }

    /// <summary>The data set version (id) whose training texts are learned from.</summary>
    public required int Dataset { get; init; }

    /// <summary><c>wordpiece</c>, <c>byte_bpe</c>, <c>bpe</c> or <c>unigram</c>.</summary>
    public string Kind { get; init; } = TokenizerTraining.ByteLevelBpe;

    public int VocabularySize { get; init; } = 8000;

    /// <summary>WordPiece only.</summary>
    public bool Lowercase { get; init; } = true;
}

public sealed record TokenizerSummary(int Id, int Project, string Name, string Hash, int Dataset, DateTime CreatedAt, TokenizerInfo Info)
{
    public static TokenizerSummary Of(TrainedTokenizer tokenizer) =>
        new(tokenizer.Id, tokenizer.ProjectId, tokenizer.Name, tokenizer.Hash, tokenizer.DatasetId, tokenizer.CreatedAt, TokenizerService.Info(tokenizer));
}

internal static class TokenizersApi
{
    public static void MapTokenizers(this IEndpointRouteBuilder api)
    {
        var tokenizers = api.MapGroup("/tokenizers").WithTags("Tokenizers");
        tokenizers.MapGet("", ListAsync);
        tokenizers.MapPost("", TrainAsync).RequireAuthorization(AccountSetup.MemberPolicy);
        tokenizers.MapGet("/{id:int}", GetAsync);
        tokenizers.MapGet("/{id:int}/download", DownloadAsync);
        tokenizers.MapDelete("/{id:int}", DeleteAsync);
    }

    private static async Task<Ok<List<TokenizerSummary>>> ListAsync(ClaimsPrincipal user, ProjectAccess access, TokenizerService tokenizers, int? project, CancellationToken cancellationToken)
    {
        var visible = await access.VisibleIdsAsync(user, cancellationToken);
        var list = await tokenizers.ListAsync([.. visible.Where(p => project is null || p == project)], cancellationToken: cancellationToken);
        return TypedResults.Ok(list.Select(TokenizerSummary.Of).ToList());
    }

    private static async Task<IResult> TrainAsync(
        TrainTokenizerRequest request, ClaimsPrincipal user, ProjectAccess access, TokenizerService tokenizers, DatasetService datasets, CancellationToken cancellationToken)
    {
        if (await datasets.FindVersionAsync(request.Dataset, cancellationToken) is not { Dataset.DeletedAt: null } version
            || !await access.AllowsAsync(user, version.Dataset.ProjectId, Access.Write, cancellationToken))
        {
            return ApiError.Bad("tokenizer.dataset", "The data set version is not there, or you may not write to its project; name one by its id.");
        }

        try
        {
            var training = new TokenizerTraining { Kind = request.Kind, VocabularySize = request.VocabularySize, Lowercase = request.Lowercase };
            var job = await tokenizers.TrainAsync(version, version.Dataset, training, request.Name, user.FindFirstValue(ClaimTypes.NameIdentifier)!, cancellationToken);
            return TypedResults.Accepted($"/api/v1/jobs/{job.Id}", JobSummary.Of(new JobView(job, null)));
        }
        catch (InputException e)
        {
            return ApiError.Bad(e);
        }
    }

    private static async Task<Results<Ok<TokenizerSummary>, NotFound<ApiError>>> GetAsync(int id, ClaimsPrincipal user, ProjectAccess access, TokenizerService tokenizers, CancellationToken cancellationToken) =>
        await FindAsync(id, user, access, tokenizers, Access.Read, cancellationToken) is { } tokenizer ? TypedResults.Ok(TokenizerSummary.Of(tokenizer)) : ApiError.NotFound("tokenizer");

    /// <summary><c>tokenizer.json</c> and <c>tokenizer_config.json</c> as a zip: what a Hugging Face library loads.</summary>
    private static async Task<Results<FileContentHttpResult, NotFound<ApiError>>> DownloadAsync(
        int id, ClaimsPrincipal user, ProjectAccess access, TokenizerService tokenizers, HubPaths paths, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, user, access, tokenizers, Access.Read, cancellationToken) is not { } tokenizer || !ContentHash.IsValid(tokenizer.Hash))
        {
            return ApiError.NotFound("tokenizer");
        }

        using var bytes = new MemoryStream();   // a few megabytes at most: a vocabulary
        await ZipFile.CreateFromDirectoryAsync(paths.Tokenizer(tokenizer.Hash), bytes, cancellationToken);
        return TypedResults.File(bytes.ToArray(), "application/zip", $"tokenizer-{id}.zip");
    }

    private static async Task<Results<NoContent, NotFound<ApiError>>> DeleteAsync(int id, ClaimsPrincipal user, ProjectAccess access, TokenizerService tokenizers, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, user, access, tokenizers, Access.Write, cancellationToken) is null)
        {
            return ApiError.NotFound("tokenizer");
        }

        await tokenizers.SetDeletedAsync(id, true, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<TrainedTokenizer?> FindAsync(int id, ClaimsPrincipal user, ProjectAccess access, TokenizerService tokenizers, Access wanted, CancellationToken cancellationToken) =>
        await tokenizers.FindAsync(id, cancellationToken) is { DeletedAt: null } tokenizer && await access.AllowsAsync(user, tokenizer.ProjectId, wanted, cancellationToken) ? tokenizer : null;
}
