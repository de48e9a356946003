using System.Security.Cryptography;

namespace ExperimentHub.Web.Components;

/// <summary>
/// Nothing runs in a page but our own files and Blazor's import map, which carries the nonce of the answer. Styles may be inline: MudBlazor
/// places popovers and Plotly draws with them.
/// </summary>
internal static class ContentSecurityPolicy
{
    private static readonly object s_nonce = new();

    /// <summary>The first of all: refusals, redirects and faults carry the headers too.</summary>
    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        context.Items[s_nonce] = nonce;
        context.Response.OnStarting(() =>
        {
            // As the answer begins: a handler of faults clears what was set before.
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy =
                $"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
                "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            if (context.Request.Path.StartsWithSegments("/api"))
            {
                headers.CacheControl = "no-store";
            }

            return Task.CompletedTask;
        });
        return next(context);
    });

    public static string? Nonce(this HttpContext context) => context.Items[s_nonce] as string;
}
