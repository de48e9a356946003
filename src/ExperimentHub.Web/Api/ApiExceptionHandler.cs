using ExperimentHub.Engine;
using ExperimentHub.Web.Data;
using Microsoft.AspNetCore.Diagnostics;

namespace ExperimentHub.Web.Api;

/// <summary>What an API call answers when something was thrown: a person's mistake as 400 with its sentence, ours as 500 without details.</summary>
internal sealed class ApiExceptionHandler : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!httpContext.Request.Path.StartsWithSegments("/api"))
        {
            return false;
        }

        switch (exception)
        {
            case BadHttpRequestException e:
                await ApiError.WriteAsync(httpContext, e.StatusCode, "request", e.InnerException is System.Text.Json.JsonException { Path: { Length: > 2 } path }
                    ? $"The field {InputException.Quote(path[2..])} of the request has a wrong value."
                    : "The request cannot be read: send a JSON object as the OpenAPI document says.");
                return true;
            case InputException e:
                await ApiError.WriteAsync(httpContext, StatusCodes.Status400BadRequest, e.Code, e.Message);
                return true;
            case var e when StoreFault.Of(e) is { } fault:
                await ApiError.WriteAsync(httpContext, StatusCodes.Status503ServiceUnavailable, fault.Code, fault.Message);
                return true;
            default:
                await ApiError.WriteAsync(httpContext, StatusCodes.Status500InternalServerError, "internal", "The hub could not do that; its log says why.");
                return true;
        }
    }
}
