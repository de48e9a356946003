using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;

namespace ExperimentHub.Web.Accounts;

/// <summary>The account actions that are no pages.</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        app.MapPost("/account/sign-out", SignOutAsync).ExcludeFromDescription();
        app.MapGet("/account/sign-in-link", SignInByLinkAsync).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>A form post with an antiforgery token: a stranger's page cannot sign anybody out.</summary>
    private static async Task<IResult> SignOutAsync([FromForm] string? returnUrl, SignInManager<HubUser> signIn)
    {
        await signIn.SignOutAsync();
        return TypedResults.LocalRedirect("/account/sign-in");
    }

    private static async Task<IResult> SignInByLinkAsync(string? secret, string? returnUrl, LinkService links, SignInManager<HubUser> signIn, CancellationToken cancellationToken)
    {
        var user = await links.UseSignInLinkAsync(secret ?? "", cancellationToken);
        if (user is null)
        {
            return TypedResults.LocalRedirect("/account/sign-in");
        }

        await signIn.SignInAsync(user, isPersistent: false);
        return TypedResults.LocalRedirect(LocalUrl(returnUrl));
    }

    /// <summary>Only a path of ours: a link cannot send anybody elsewhere.</summary>
    public static string LocalUrl(string? url) =>
        url is ['/', ..] and not ['/', '/' or '\\', ..] && !url.Any(char.IsControl) ? url : "/";
}
