using ExperimentHub.Web.Accounts;
using Microsoft.AspNetCore.Identity;

namespace ExperimentHub.Web.Tests.Security;

/// <summary>People with keys.</summary>
internal static class People
{
    public static async Task<(string Id, string Key)> AddAsync(HubFactory hub, string role)
    {
        using var scope = hub.Services.CreateScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<HubUser>>();
        var name = $"{role}-{Guid.NewGuid():n}@example.org";
        var user = new HubUser { UserName = name, Email = name, CreatedAt = DateTime.UtcNow };
        Assert.True((await users.CreateAsync(user, "correct-horse-battery")).Succeeded);
        await users.AddToRoleAsync(user, role);
        return (user.Id, (await hub.Services.GetRequiredService<ApiKeyService>().CreateAsync("test", user.Id)).Secret);
    }
}
