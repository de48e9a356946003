using ExperimentHub.Web.Components.Away;
using ExperimentHub.Web.Components.Language;
using ExperimentHub.Web.Projects;
using ExperimentHub.Web.Runs;
using ExperimentHub.Web.Runs.Form;
using ExperimentHub.Web.Runs.Pages;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor;
using MudBlazor.Services;

namespace ExperimentHub.Web.Components;

/// <summary>Everything the pages need of the host, in two calls.</summary>
internal static class HubComponents
{
    /// <summary>A browser may send this much in one message: a pasted configuration or text, never a file (those go by HTTP).</summary>
    private const long MaxMessageBytes = 1 << 20;

    public static IServiceCollection AddHubComponents(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(o => o.MaximumReceiveMessageSize = MaxMessageBytes)
            .RegisterPersistentService<Visitor>(RenderMode.InteractiveServer);
        services.AddScoped<Visitor>();
        services.AddScoped<RunActions>();
        services.AddSingleton<FirstRunPreparation>();
        services.AddSingleton<TokenLengths>();
        services.AddSingleton<RunTime>();
        services.AddLocalization();
        services.AddAuthorization();
        services.AddCascadingAuthenticationState();
        services.AddMudServices(o =>
        {
            o.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomRight;
            o.SnackbarConfiguration.MaxDisplayedSnackbars = 3;
            o.SnackbarConfiguration.VisibleStateDuration = 6000;
            o.SnackbarConfiguration.ShowTransitionDuration = 100;
            o.SnackbarConfiguration.HideTransitionDuration = 100;
            o.SnackbarConfiguration.SnackbarVariant = Variant.Text;
        });
        services.TryAddSingleton(TimeProvider.System);
        services.AddScoped<Toasts>();
        return services;
    }

    /// <summary>
    /// An address that names nothing shows a page that says so; scripts keep their own answer. Call before authentication, so that the page
    /// is asked for by somebody.
    /// </summary>
    public static void UseNotFoundPage(this WebApplication app)
    {
        app.UseStatusCodePagesWithReExecute("/not-found");
        app.Use((context, next) =>
        {
            var wantsPage = HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
                && !context.Request.Path.StartsWithSegments("/api");
            if (!wantsPage && context.Features.Get<IStatusCodePagesFeature>() is { } pages)
            {
                pages.Enabled = false;
            }

            return next(context);
        });
    }

    /// <summary>Call after authentication and authorization, before the application runs.</summary>
    public static void MapHubComponents(this WebApplication app)
    {
        app.UseHubLanguages();
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        app.MapProjectChoice();
        app.MapCurves();
        app.MapGet("/account/away", () => new RazorComponentResult<AwayPage>()).AllowAnonymous().ExcludeFromDescription();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(o => o.ContentSecurityFrameAncestorsPolicy = null);
    }
}
