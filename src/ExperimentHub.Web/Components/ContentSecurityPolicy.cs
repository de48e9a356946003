using System.Security.Cryptography;

namespace ExperimentHub.Web.Components;

/// <summary>
/// Nothing runs in a page but our own files and Blazor's import map, which carries the nonce of the answer. Styles may be inline: MudBlazor
/// places popovers and Plotly draws with them.
/// </summary>
internal static class ContentSecurityPolicy
{
    private static readonly object s_nonce = new();

    public static void UseContentSecurityPolicy(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        context.Items[s_nonce] = nonce;
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
            "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "same-origin";
        return next(context);
    });

    public static string? Nonce(this HttpContext context) => context.Items[s_nonce] as string;
}
