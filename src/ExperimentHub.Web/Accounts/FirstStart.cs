using ExperimentHub.Engine;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Projects;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Accounts;

/// <summary>Keys of cookies and forms, roles, and the administrator that the configuration names, if it names one.</summary>
public sealed class FirstStart(
    IServiceScopeFactory scopes, ProjectService projects, ApiKeyService keys, IDataProtectionProvider protection, IOptions<HubOptions> options)
{
    /// <exception cref="InputException">The configured administrator cannot be made.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        // The keys are made when the first is asked for. A disk that is full then would fail the first visitor instead of this start.
        protection.CreateProtector(nameof(FirstStart)).Protect([]);
        await using var scope = scopes.CreateAsyncScope();
        var roles = scope.ServiceProvider.GetRequiredService<RoleManager<IdentityRole>>();
        foreach (var role in Roles.All)
        {
            if (!await roles.RoleExistsAsync(role))
            {
                await roles.CreateAsync(new IdentityRole(role));
            }
        }

        var admin = options.Value.Admin;
        if (string.IsNullOrWhiteSpace(admin.Email))
        {
            return;
        }

        var users = scope.ServiceProvider.GetRequiredService<UserManager<HubUser>>();
        var user = await users.FindByEmailAsync(admin.Email);
        if (user is null)
        {
            user = new HubUser { UserName = admin.Email, Email = admin.Email, EmailConfirmed = true, DisplayName = admin.Email.Split('@')[0], CreatedAt = DateTime.UtcNow };
            var result = string.IsNullOrEmpty(admin.Password) ? await users.CreateAsync(user) : await users.CreateAsync(user, admin.Password);
            if (!result.Succeeded)
            {
                throw new InputException($"ExperimentHub:Admin cannot be set up: {string.Join(' ', result.Errors.Select(e => e.Description))}", "account.admin_setup");
            }

            await users.AddToRoleAsync(user, Roles.Admin);
        }

        await projects.EnsureDefaultAsync(user.Id, cancellationToken);
        if (!string.IsNullOrEmpty(admin.ApiKey))
        {
            await keys.EnsureAsync("configuration", user.Id, admin.ApiKey, cancellationToken);
        }
    }
}
