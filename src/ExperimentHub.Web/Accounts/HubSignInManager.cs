using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Accounts;

/// <summary>Sign-in that a disabled account cannot pass, not even with a cookie it has.</summary>
public sealed class HubSignInManager(
    UserManager<HubUser> users, IHttpContextAccessor context, IUserClaimsPrincipalFactory<HubUser> principals, IOptions<IdentityOptions> options,
    ILogger<SignInManager<HubUser>> logger, IAuthenticationSchemeProvider schemes, IUserConfirmation<HubUser> confirmation)
    : SignInManager<HubUser>(users, context, principals, options, logger, schemes, confirmation)
{
    public override async Task<bool> CanSignInAsync(HubUser user) => !user.IsDisabled && await base.CanSignInAsync(user);

    public override async Task SignInWithClaimsAsync(HubUser user, AuthenticationProperties? authenticationProperties, IEnumerable<System.Security.Claims.Claim> additionalClaims)
    {
        // The caller's object may come from another database context, as after an invitation; ours is the one to write.
        if (await UserManager.FindByIdAsync(user.Id) is { } own)
        {
            own.LastSeenAt = DateTime.UtcNow;
            await UserManager.UpdateAsync(own);
        }

        await base.SignInWithClaimsAsync(user, authenticationProperties, additionalClaims);
    }

    public override async Task<HubUser?> ValidateSecurityStampAsync(System.Security.Claims.ClaimsPrincipal? principal) =>
        await base.ValidateSecurityStampAsync(principal) is { IsDisabled: false } user ? user : null;
}
