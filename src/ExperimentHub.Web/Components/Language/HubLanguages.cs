using System.Globalization;
using Microsoft.AspNetCore.Localization;

namespace ExperimentHub.Web.Components.Language;

/// <summary>
/// The languages of the pages: English and Chinese. The choice is a cookie; <c>?culture=zh</c> sets it, and the address is then asked for again
/// without it, so that the page and its live connection speak the same language.
/// </summary>
internal static class HubLanguages
{
    private const string Query = "culture";

    public static IReadOnlyList<CultureInfo> All { get; } = [CultureInfo.GetCultureInfo("en"), CultureInfo.GetCultureInfo("zh")];

    /// <summary>The language's name in itself, so that who cannot read this page finds it.</summary>
    public static string NameOf(CultureInfo culture) => culture.Name == "zh" ? "中文" : "English";

    public static void UseHubLanguages(this IApplicationBuilder app)
    {
        app.Use((context, next) => Choose(context) ? Task.CompletedTask : next(context));
        app.UseRequestLocalization(options =>
        {
            options.DefaultRequestCulture = new RequestCulture("en");
            options.SupportedCultures = [.. All];
            options.SupportedUICultures = [.. All];
            options.RequestCultureProviders = [new CookieRequestCultureProvider(), new AcceptLanguageHeaderRequestCultureProvider()];
        });
    }

    private static bool Choose(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method)
            || All.FirstOrDefault(c => c.Name == context.Request.Query[Query]) is not { } culture)
        {
            return false;
        }

        context.Response.Cookies.Append(
            CookieRequestCultureProvider.DefaultCookieName,
            CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(culture)),
            new CookieOptions { MaxAge = TimeSpan.FromDays(365), IsEssential = true, SameSite = SameSiteMode.Lax, HttpOnly = true });
        var rest = context.Request.Query.Where(q => q.Key != Query).SelectMany(q => q.Value, (q, v) => KeyValuePair.Create(q.Key, v));
        context.Response.Redirect(Accounts.AccountEndpoints.LocalUrl(context.Request.PathBase + context.Request.Path + QueryString.Create(rest!)));   // "//elsewhere" is a path too
        return true;
    }
}
