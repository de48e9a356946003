using System.Threading.RateLimiting;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Projects;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;

namespace ExperimentHub.Web.Accounts;

/// <summary>Who is who and who may what: cookies for people, keys for scripts, everything closed unless opened.</summary>
internal static class AccountSetup
{
    /// <summary>Policy names for endpoints and pages.</summary>
    public const string AdminPolicy = "admin";
    public const string MemberPolicy = "member";

    private const string Scheme = "hub";

    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddIdentityCore<HubUser>(o =>
            {
                o.User.RequireUniqueEmail = true;
                o.Password.RequiredLength = 10;   // length, not kinds of characters
                o.Password.RequireDigit = o.Password.RequireLowercase = o.Password.RequireUppercase = o.Password.RequireNonAlphanumeric = false;
                o.Password.RequiredUniqueChars = 4;
                o.Lockout.MaxFailedAccessAttempts = 8;
                o.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
            })
            .AddRoles<IdentityRole>()
            .AddEntityFrameworkStores<HubDbContext>()
            .AddSignInManager<HubSignInManager>()
            .AddDefaultTokenProviders();

        services.AddAuthentication(Scheme)
            .AddPolicyScheme(Scheme, null, o => o.ForwardDefaultSelector = c => ApiKeyHandler.IsBearer(c) ? ApiKeyHandler.SchemeName : IdentityConstants.ApplicationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null)
            .AddIdentityCookies(c => c.ApplicationCookie!.Configure(Harden));
        services.Configure<SecurityStampValidatorOptions>(o => o.ValidationInterval = TimeSpan.FromMinutes(1));
        services.AddOptions<Microsoft.AspNetCore.DataProtection.KeyManagement.KeyManagementOptions>();
        services.AddDataProtection().SetApplicationName("ExperimentHub");
        services.AddSingleton<Microsoft.Extensions.Options.IConfigureOptions<Microsoft.AspNetCore.DataProtection.KeyManagement.KeyManagementOptions>>(
            provider => new Microsoft.Extensions.Options.ConfigureOptions<Microsoft.AspNetCore.DataProtection.KeyManagement.KeyManagementOptions>(
                o => o.XmlRepository = new Microsoft.AspNetCore.DataProtection.Repositories.FileSystemXmlRepository(
                    new DirectoryInfo(provider.GetRequiredService<HubPaths>().Keys), provider.GetRequiredService<ILoggerFactory>())));

        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(AdminPolicy, p => p.RequireRole(Roles.Admin))
            .AddPolicy(MemberPolicy, p => p.RequireRole(Roles.Admin, Roles.Member));
        services.AddSingleton<ProjectAccess>();
        services.AddSingleton<IAuthorizationHandler>(p => p.GetRequiredService<ProjectAccess>());
        services.AddSingleton<ProjectService>();
        services.AddSingleton<LinkService>();
        services.AddSingleton<ApiKeyService>();
        services.AddSingleton<UserService>();
        services.AddSingleton<FirstStart>();
        services.AddScoped<AuthenticationStateProvider, CircuitRevalidation>();
        services.AddHttpContextAccessor();
        services.AddRateLimiter(Throttle);
        return services;
    }

    private static void Harden(Microsoft.AspNetCore.Authentication.Cookies.CookieAuthenticationOptions cookie)
    {
        cookie.Cookie.Name = "experimenthub";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.ExpireTimeSpan = TimeSpan.FromDays(14);
        cookie.SlidingExpiration = true;
        cookie.LoginPath = "/account/sign-in";
        cookie.LogoutPath = "/account/sign-out";
        cookie.AccessDeniedPath = "/account/denied";
        cookie.ReturnUrlParameter = "returnUrl";
        cookie.Events.OnRedirectToLogin = context => ForPeopleOnly(context, StatusCodes.Status401Unauthorized, "auth.sign_in", "Sign in, or send an API key as 'Authorization: Bearer KEY'.");
        cookie.Events.OnRedirectToAccessDenied = context => ForPeopleOnly(context, StatusCodes.Status403Forbidden, "auth.forbidden", "You may not do that.");
    }

    /// <summary>A page is sent to the sign-in; a script gets an answer it can read.</summary>
    private static Task ForPeopleOnly(RedirectContext<Microsoft.AspNetCore.Authentication.Cookies.CookieAuthenticationOptions> context, int status, string code, string message)
    {
        var path = context.Request.Path;
        if (path.StartsWithSegments("/api") || path.StartsWithSegments("/hubs") || path.StartsWithSegments("/openapi"))
        {
            return Api.ApiError.WriteAsync(context.HttpContext, status, code, message);
        }

        context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }

    /// <summary>Guessing passwords or secrets is slow: thirty posts to the account pages a minute and address.</summary>
    private static void Throttle(Microsoft.AspNetCore.RateLimiting.RateLimiterOptions options)
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = async (context, _) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = "60";
            await Api.ApiError.WriteAsync(context.HttpContext, StatusCodes.Status429TooManyRequests, "auth.too_many", "Too many attempts; wait a minute.");
        };
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments("/account")
                ? RateLimitPartition.GetFixedWindowLimiter(
                    context.Connection.RemoteIpAddress?.ToString() ?? "unknown",   // behind a Unix socket
                    _ => new FixedWindowRateLimiterOptions { PermitLimit = 30, Window = TimeSpan.FromMinutes(1) })
                : RateLimitPartition.GetNoLimiter(""));
    }
}
