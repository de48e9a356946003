using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Accounts;

/// <summary>Signs a script in by <c>Authorization: Bearer KEY</c>, with the rights of the key's owner.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyService keys, UserManager<HubUser> users,
    IUserClaimsPrincipalFactory<HubUser> principals)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    private const string Bearer = "Bearer ";

    public static bool IsBearer(HttpContext context) =>
        context.Request.Headers.Authorization is [{ } header] && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!IsBearer(Context))
        {
            return AuthenticateResult.NoResult();
        }

        var key = await keys.FindAsync(Request.Headers.Authorization.ToString()[Bearer.Length..].Trim(), Context.RequestAborted);
        if (key is null || await users.FindByIdAsync(key.UserId) is not { IsDisabled: false } user)
        {
            return AuthenticateResult.Fail("The API key is not known, expired or revoked.");
        }

        var principal = await principals.CreateAsync(user);
        var identity = new ClaimsIdentity(principal.Claims, SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Api.ApiError.WriteAsync(Context, StatusCodes.Status401Unauthorized, "auth.key", "Send a valid API key as 'Authorization: Bearer KEY'; keys are made on the page Administration.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Api.ApiError.WriteAsync(Context, StatusCodes.Status403Forbidden, "auth.forbidden", "The owner of this API key may not do that.");
}
