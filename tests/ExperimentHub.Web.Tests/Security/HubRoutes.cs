namespace ExperimentHub.Web.Tests.Security;

/// <summary>The routes of a running hub, files of wwwroot aside.</summary>
internal static class HubRoutes
{
    /// <summary>Every route as <c>GET /api/v1/runs/{id:int}</c>, <c>ANY …</c> where the method is not said.</summary>
    public static IReadOnlyList<(string Name, RouteEndpoint Endpoint)> All(HubFactory hub) =>
    [
        .. hub.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => !IsFile(e))
            .SelectMany(e => MethodsOf(e).Select(m => ($"{m} /{e.RoutePattern.RawText?.Trim('/')}", e)))
            .DistinctBy(e => e.Item1),
    ];

    /// <summary>Who negotiates a connection posts; everything else that names no method is a page.</summary>
    public static string Method(string name) =>
        name.Split(' ')[0] is var method && method != "ANY" ? method : name.EndsWith("/negotiate", StringComparison.Ordinal) ? "POST" : "GET";

    private static bool IsFile(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.Parameters.Count == 0 && (Path.HasExtension(endpoint.RoutePattern.RawText) || endpoint.Metadata.Any(m => m.GetType().Name == "StaticAssetDescriptor"));

    private static IEnumerable<string> MethodsOf(RouteEndpoint endpoint)
    {
        var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];
        return methods.Count is 0 or > 1 ? ["ANY"] : methods;
    }
}
