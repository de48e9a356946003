using System.Security.Claims;
using ExperimentHub.Engine;
using ExperimentHub.Web.Api;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Projects;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ExperimentHub.Web.Playground;

public sealed record PredictRequest
{
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>The second texts of pairs, as many as <see cref="Texts"/>.</summary>
    public IReadOnlyList<string>? TextPairs { get; init; }
}

public sealed record TokenizeRequest
{
    public required string Text { get; init; }

    public string? TextPair { get; init; }

    public int? MaxLength { get; init; }
}

internal static class PlaygroundApi
{
    public const int MaxTexts = 1000;
    public const int MaxTextLength = 100_000;

    public static void MapPlayground(this IEndpointRouteBuilder api)
    {
        api.MapPost("/models/{id:int}/predict", PredictAsync).WithTags("Models");
        api.MapPost("/models/{id:int}/tokenize", TokenizeAsync).WithTags("Models");
        api.MapPost("/models/{id:int}/render", RenderAsync).WithTags("Models");
    }

    private static async Task<Results<Ok<PredictionAnswer>, BadRequest<ApiError>, NotFound<ApiError>>> PredictAsync(
        int id, PredictRequest request, ClaimsPrincipal user, ProjectAccess access, ModelService models, ServingService serving, CancellationToken cancellationToken)
    {
        if (request.Texts.Count is 0 or > MaxTexts || request.Texts.Any(t => t is null || t.Length > MaxTextLength))
        {
            return ApiError.Bad("predict.texts", $"Send 1 to {MaxTexts} texts of at most {MaxTextLength} characters each.");
        }

        if (request.TextPairs is { } pairs && (pairs.Count != request.Texts.Count || pairs.Any(t => t is null || t.Length > MaxTextLength)))
        {
            return ApiError.Bad("predict.pairs", $"text_pairs must have as many entries as texts, each of at most {MaxTextLength} characters.");
        }

        if (await models.FindAsync(id, cancellationToken) is not { } model || !await access.AllowsAsync(user, model.ProjectId, Access.Read, cancellationToken))
        {
            return ApiError.NotFound("model");
        }

        try
        {
            return TypedResults.Ok(await serving.PredictAsync(model.Hash, request.Texts, request.TextPairs, cancellationToken));
        }
        catch (InputException e)
        {
            return ApiError.Bad(e);
        }
    }

    private static async Task<Results<Ok<TokenizeAnswer>, BadRequest<ApiError>, NotFound<ApiError>>> TokenizeAsync(
        int id, TokenizeRequest request, ClaimsPrincipal user, ProjectAccess access, ModelService models, ServingService serving, CancellationToken cancellationToken)
    {
        if (request.Text.Length > MaxTextLength || request.TextPair?.Length > MaxTextLength)
        {
            return ApiError.Bad("tokenize.text", $"Send a text of at most {MaxTextLength} characters.");
        }

        if (await models.FindAsync(id, cancellationToken) is not { } model || !await access.AllowsAsync(user, model.ProjectId, Access.Read, cancellationToken))
        {
            return ApiError.NotFound("model");
        }

        try
        {
            return TypedResults.Ok(await serving.TokenizeAsync(model.Hash, request.Text, request.TextPair, request.MaxLength, cancellationToken));
        }
        catch (InputException e)
        {
            return ApiError.Bad(e);
        }
    }

    /// <summary>A conversation as the model's chat template writes it, with the tokens of the text and which of them training learns from.</summary>
    private static async Task<Results<Ok<ChatAnswer>, BadRequest<ApiError>, NotFound<ApiError>>> RenderAsync(
        int id, ChatQuestion question, ClaimsPrincipal user, ProjectAccess access, ModelService models, ServingService serving, CancellationToken cancellationToken)
    {
        if (await models.FindAsync(id, cancellationToken) is not { } model || !await access.AllowsAsync(user, model.ProjectId, Access.Read, cancellationToken))
        {
            return ApiError.NotFound("model");
        }

        try
        {
            return TypedResults.Ok(await serving.RenderAsync(model.Hash, question, cancellationToken));
        }
        catch (InputException e)
        {
            return ApiError.Bad(e);
        }
    }
}
