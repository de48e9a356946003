using System.Net;
using System.Text.Json;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Projects;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;

namespace ExperimentHub.Web.Tests.Accounts;

public sealed class AccessTests(HubFactory hub) : IClassFixture<HubFactory>
{
    /// <summary>What answers without sign-in, each for a reason; anything else that does fails the test below.</summary>
    private static readonly string[] s_open = ["/health", "/account/", "/_framework/", "/_content/", "/_blazor", "/css/", "/js/", "/not-found", "/Error", "/favicon"];

    [Fact]
    public void EveryEndpoint_AsksForSignIn_UnlessItIsOnTheList()
    {
        using var client = hub.CreateClient();   // starts the host
        var open = hub.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            .Select(e => "/" + e.RoutePattern.RawText?.TrimStart('/'))
            .Where(route => !s_open.Any(o => route.StartsWith(o, StringComparison.OrdinalIgnoreCase)))
            .Where(route => !Path.HasExtension(route))   // files of wwwroot
            .Distinct();

        Assert.Empty(open);
    }

    [Theory]
    [InlineData("/api/v1/runs")]
    [InlineData("/api/v1/machine")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/api/v1/nothing-here")]
    public async Task Api_WithoutSignIn_Answers401WithAReason(string path)
    {
        using var client = hub.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });

        using var answer = await client.GetAsync(path);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("API key", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownAddress_ShowsAPageThatSaysSo()
    {
        using var client = hub.AdminClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/there-is-no-such-page");
        request.Headers.Add("Accept", "text/html");

        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("There is nothing at this address", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Api_WithAWrongKey_Answers401()
    {
        using var client = hub.ClientWithKey("this-key-was-never-made-by-anybody-0000");

        using var answer = await client.GetAsync("/api/v1/runs");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Viewer_Reads_ButCannotWrite()
    {
        using var client = hub.ClientWithKey(await KeyOfAsync(Roles.Viewer));

        using var read = await client.GetAsync("/api/v1/runs");
        using var write = await client.PostAsJsonAsync("/api/v1/runs", new { config = new { name = "x" } });

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, write.StatusCode);
    }

    [Fact]
    public async Task Request_FromAnotherOrigin_IsRefused()
    {
        using var client = hub.AdminClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/runs") { Content = JsonContent.Create(new { config = new { } }) };
        request.Headers.Add("Origin", "https://evil.example");

        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task PrivateProject_IsUnknownToOthers()
    {
        using var client = hub.ClientWithKey(await KeyOfAsync(Roles.Member));
        var admin = (await hub.Services.GetRequiredService<UserService>().ListAsync()).First(u => u.Role == Roles.Admin).User;
        var project = await hub.Services.GetRequiredService<ProjectService>().CreateAsync("secret " + Guid.NewGuid(), isPrivate: true, admin.Id);

        using var answer = await client.PostAsJsonAsync("/api/v1/runs", new { project = project.Id, config = new { name = "x" } });

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Faults_ComeAllAtOnce_EachAtItsField()
    {
        using var client = hub.AdminClient();

        using var answer = await client.PostAsJsonAsync("/api/v1/runs", new { config = new { learning_rate = "fast", batch_size = -1, epochs = 1e308 } });

        var faults = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("faults").EnumerateArray().Select(f => f.GetProperty("field").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Superset(new HashSet<string?> { "name", "model", "dataset", "learning_rate", "batch_size", "epochs" }, faults.ToHashSet());
    }

    private async Task<string> KeyOfAsync(string role)
    {
        using var scope = hub.Services.CreateScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<HubUser>>();
        var name = $"{role}-{Guid.NewGuid():n}@example.org";
        var user = new HubUser { UserName = name, Email = name, CreatedAt = DateTime.UtcNow };
        Assert.True((await users.CreateAsync(user, "correct-horse-battery")).Succeeded);
        await users.AddToRoleAsync(user, role);
        return (await hub.Services.GetRequiredService<ApiKeyService>().CreateAsync("test", user.Id)).Secret;
    }
}
