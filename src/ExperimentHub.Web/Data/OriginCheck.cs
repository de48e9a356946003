namespace ExperimentHub.Web.Data;

/// <summary>
/// A stranger's page cannot act through a visitor's cookie: a request that changes something, or opens a socket, and says that it comes
/// from another origin is refused. Scripts with a key send no origin and no cookie.
/// </summary>
internal static class OriginCheck
{
    public static void UseOriginCheck(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var request = context.Request;
        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method);
        if ((changes || context.WebSockets.IsWebSocketRequest || request.Headers.Upgrade.Count > 0)
            && request.Headers.Origin is [{ Length: > 0 } origin]
            && !IsOwn(origin, request))
        {
            await Api.ApiError.WriteAsync(context, StatusCodes.Status403Forbidden, "auth.origin", "This request comes from another site and was refused.");
            return;
        }

        await next(context);
    });

    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
