using System.Net;

namespace ExperimentHub.Web.Tests.Security;

/// <summary>Signing in: forms that a stranger's page cannot send, redirects that stay here, guesses that are slowed.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private readonly HubFactory _hub = new();   // of its own: what counts guesses counts those of all tests

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Theory]
    [InlineData("/account/sign-in")]
    [InlineData("/account/sign-out")]
    [InlineData("/account/first-admin")]
    [InlineData("/account/invitation")]
    [InlineData("/account/reset-password")]
    public async Task AForm_WithoutItsToken_IsRefused(string path)
    {
        using var visitor = new FormVisitor(_hub);
        using var signedIn = await visitor.SignInAsync(HubFactory.AdminEmail, HubFactory.AdminPassword);
        var fields = new Dictionary<string, string> { ["_handler"] = path.Split('/')[^1], ["Input.Email"] = HubFactory.AdminEmail, ["Input.Password"] = HubFactory.AdminPassword };

        using var answer = await visitor.Client.PostAsync(path, new FormUrlEncodedContent(fields));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("javascript:alert(1)")]
    public async Task ASignIn_LeadsNowhereElse(string returnUrl)
    {
        using var visitor = new FormVisitor(_hub);

        using var answer = await visitor.SignInAsync(HubFactory.AdminEmail, HubFactory.AdminPassword, returnUrl);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.True(StaysHere(answer), answer.Headers.Location?.ToString());
    }

    [Theory]
    [InlineData("//evil.example/?culture=zh")]
    [InlineData("//evil.example/runs?culture=zh&x=1")]
    [InlineData("/account/sign-in-link?secret=no&returnUrl=//evil.example")]
    [InlineData("/project/1?returnUrl=//evil.example")]
    public async Task NoAddress_LeadsElsewhere(string path)
    {
        using var client = _hub.AdminClient();

        using var answer = await client.GetAsync(new Uri("http://localhost" + path));

        Assert.True(answer.Headers.Location is null || StaysHere(answer), answer.Headers.Location?.ToString());
    }

    [Fact]
    public async Task Guesses_AreSlowed_WhateverTheyGuess()
    {
        using var visitor = new FormVisitor(_hub);
        using var first = await visitor.SignInAsync("nobody@example.org", "not-the-password");

        var answers = await Task.WhenAll(Enumerable.Range(0, 90).Select(i => visitor.Client.PostAsync("/account/sign-in", new FormUrlEncodedContent([KeyValuePair.Create("Input.Email", $"nobody-{i}@example.org")]))));

        var slowed = answers.Where(a => a.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.InRange(slowed.Count, 1, 85);
        Assert.All(slowed, a => Assert.NotNull(a.Headers.RetryAfter));
    }

    [Fact]
    public async Task AnAccount_ThatIsGuessedAt_IsLockedForTheRightPasswordToo()
    {
        using var visitor = new FormVisitor(_hub);
        for (var i = 0; i < 8; i++)
        {
            using var wrong = await visitor.SignInAsync(HubFactory.AdminEmail, $"not-the-password-{i}");
            Assert.Equal(HttpStatusCode.OK, wrong.StatusCode);
        }

        using var right = await visitor.SignInAsync(HubFactory.AdminEmail, HubFactory.AdminPassword);

        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        Assert.DoesNotContain(right.Headers, h => h.Key == "Set-Cookie" && h.Value.Any(c => c.StartsWith("experimenthub=", StringComparison.Ordinal)));
    }

    private static bool StaysHere(HttpResponseMessage answer) =>
        new Uri(new Uri("http://localhost"), answer.Headers.Location!.OriginalString) is { Host: "localhost", Scheme: "http" };
}
