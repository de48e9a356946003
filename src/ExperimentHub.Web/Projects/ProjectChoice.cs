using ExperimentHub.Web.Components;

namespace ExperimentHub.Web.Projects;

/// <summary>Chooses the project whose runs, models and data sets the pages show; access is decided where they are read.</summary>
internal static class ProjectChoice
{
    public static void MapProjectChoice(this IEndpointRouteBuilder app) => app.MapGet("/project/{id:int}", (int id, HttpContext context) =>
    {
        context.Response.Cookies.Append(
            Visitor.ProjectCookie, id.ToString(System.Globalization.CultureInfo.InvariantCulture),
            new CookieOptions { MaxAge = TimeSpan.FromDays(365), IsEssential = true, SameSite = SameSiteMode.Lax, HttpOnly = true });
        return TypedResults.LocalRedirect("/");
    }).ExcludeFromDescription();
}
