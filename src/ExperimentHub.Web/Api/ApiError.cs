using ExperimentHub.Engine;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ExperimentHub.Web.Api;

/// <summary>What an API call answers when it cannot do what was asked: <c>{"error":{"code","message","faults"?}}</c>.</summary>
public sealed record ApiError(ApiErrorBody Error)
{
    public static BadRequest<ApiError> Bad(string code, string message) => TypedResults.BadRequest(new ApiError(new ApiErrorBody(code, message)));

    public static BadRequest<ApiError> Bad(InputException e) => Bad(e.Code, e.Message);

    public static BadRequest<ApiError> Bad(IReadOnlyList<ConfigFault> faults) =>
        TypedResults.BadRequest(new ApiError(new ApiErrorBody("run.faults", string.Join(' ', faults.Select(f => f.Message)), faults)));

    public static NotFound<ApiError> NotFound(string what) =>
        TypedResults.NotFound(new ApiError(new ApiErrorBody("not_found", $"There is no such {what}, or you may not see it.")));

    public static Conflict<ApiError> Conflict(string code, string message) => TypedResults.Conflict(new ApiError(new ApiErrorBody(code, message)));

    public static Task WriteAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new ApiError(new ApiErrorBody(code, message)), WireJson.Options);
    }
}

public sealed record ApiErrorBody(string Code, string Message, IReadOnlyList<ConfigFault>? Faults = null);
