using System.Security.Claims;
using ExperimentHub.Engine;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Api;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ExperimentHub.Web.Uploads;

public sealed record BeginUploadRequest
{
    public required string FileName { get; init; }

    /// <summary>Bytes of the whole file.</summary>
    public required long Size { get; init; }
}

public sealed record UploadView(string Id, string FileName, long Size, long Offset)
{
    public static UploadView Of(Upload upload) => new(upload.Id, upload.FileName, upload.Size, upload.Offset);
}

/// <summary>Uploads in parts: announce, put parts (each may be sent again), then hand the id to an import.</summary>
internal static class UploadsApi
{
    private const long MaxPartBytes = 64L << 20;

    public static void MapUploads(this IEndpointRouteBuilder api)
    {
        var uploads = api.MapGroup("/uploads").WithTags("Uploads").RequireAuthorization(AccountSetup.MemberPolicy);
        uploads.MapPost("", Begin);
        uploads.MapGet("/{id}", Get);
        uploads.MapPut("/{id}", PutAsync);
        uploads.MapDelete("/{id}", Delete);
    }

    private static Results<Created<UploadView>, BadRequest<ApiError>> Begin(BeginUploadRequest request, ClaimsPrincipal user, UploadStore store)
    {
        try
        {
            var upload = store.Begin(request.FileName, request.Size, Id(user));
            return TypedResults.Created($"/api/v1/uploads/{upload.Id}", UploadView.Of(upload));
        }
        catch (InputException e)
        {
            return ApiError.Bad(e);
        }
    }

    private static Results<Ok<UploadView>, NotFound<ApiError>> Get(string id, ClaimsPrincipal user, UploadStore store) =>
        store.Find(id, Id(user)) is { } upload ? TypedResults.Ok(UploadView.Of(upload)) : ApiError.NotFound("upload");

    private static async Task<Results<Ok<UploadView>, NotFound<ApiError>, BadRequest<ApiError>>> PutAsync(
        string id, long offset, HttpContext context, UploadStore store, CancellationToken cancellationToken)
    {
        if (store.Find(id, Id(context.User)) is not { } upload)
        {
            return ApiError.NotFound("upload");
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxPartBytes;
        }

        try
        {
            return TypedResults.Ok(UploadView.Of(await store.AppendAsync(upload, offset, context.Request.Body, cancellationToken)));
        }
        catch (InputException e)
        {
            return ApiError.Bad(e);
        }
    }

    private static Results<NoContent, NotFound<ApiError>> Delete(string id, ClaimsPrincipal user, UploadStore store)
    {
        if (store.Find(id, Id(user)) is null)
        {
            return ApiError.NotFound("upload");
        }

        store.Delete(id);
        return TypedResults.NoContent();
    }

    private static string Id(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier)!;
}
