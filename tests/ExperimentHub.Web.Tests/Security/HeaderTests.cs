using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;

namespace ExperimentHub.Web.Tests.Security;

/// <summary>Headers and cookies of whatever is answered.</summary>
public sealed class HeaderTests(HubFactory hub) : IClassFixture<HubFactory>
{
    [Theory]
    [InlineData("/account/sign-in", HttpStatusCode.OK)]
    [InlineData("/runs", HttpStatusCode.OK)]
    [InlineData("/api/v1/runs", HttpStatusCode.OK)]
    [InlineData("/api/v1/runs/987654", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/runs?project=x", HttpStatusCode.BadRequest)]
    [InlineData("/css/app.css", HttpStatusCode.OK)]
    [InlineData("/nothing/at/all", HttpStatusCode.NotFound)]
    public async Task EveryAnswer_CarriesTheHeaders(string path, HttpStatusCode status)
    {
        using var client = hub.AdminClient();

        using var answer = await client.GetAsync(path);

        Assert.Equal(status, answer.StatusCode);
        AssertHeaders(answer);
        Assert.True(answer.Headers.CacheControl?.NoStore == true || !path.StartsWith("/api", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/runs", HttpStatusCode.Redirect)]
    [InlineData("/api/v1/runs", HttpStatusCode.Unauthorized)]
    public async Task ARefusal_CarriesTheHeadersToo(string path, HttpStatusCode status)
    {
        using var client = hub.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });

        using var answer = await client.GetAsync(path);

        Assert.Equal(status, answer.StatusCode);
        AssertHeaders(answer);
    }

    [Fact]
    public async Task TheNonce_IsAnotherEachTime()
    {
        using var client = hub.AdminClient();

        var policies = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await client.GetAsync("/account/sign-in");
            policies.Add(answer.Headers.GetValues("Content-Security-Policy").Single());
        }

        Assert.Equal(3, policies.Distinct().Count());
    }

    [Fact]
    public async Task TheCookieOfASession_IsOutOfReachOfScripts_AndOfOtherSites()
    {
        using var visitor = new FormVisitor(hub, "https://localhost");

        using var answer = await visitor.SignInAsync(HubFactory.AdminEmail, HubFactory.AdminPassword);

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("experimenthub=", StringComparison.Ordinal)).ToLowerInvariant();
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Contains("; secure", cookie, StringComparison.Ordinal);
    }

    private static void AssertHeaders(HttpResponseMessage answer)
    {
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        var scripts = policy.Split(';').Single(p => p.Trim().StartsWith("script-src", StringComparison.Ordinal));
        Assert.DoesNotContain("unsafe", scripts, StringComparison.Ordinal);
        Assert.Contains("object-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("base-uri 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("form-action 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Opener-Policy")));
        Assert.False(answer.Headers.Contains("Server"));
    }
}
