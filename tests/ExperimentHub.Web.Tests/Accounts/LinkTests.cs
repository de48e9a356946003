using ExperimentHub.Engine;
using ExperimentHub.Web.Accounts;

namespace ExperimentHub.Web.Tests.Accounts;

public sealed class LinkTests(HubFactory hub) : IClassFixture<HubFactory>
{
    [Fact]
    public async Task FirstAdminLink_IsNotMade_OnceThereIsAnAdministrator()
    {
        using var client = hub.CreateClient();
        var links = hub.Services.GetRequiredService<LinkService>();

        Assert.False(await links.NeedsFirstAdminAsync());
        Assert.Null(await links.NewFirstAdminLinkAsync());
    }

    [Fact]
    public async Task Invitation_WorksOnce_AndThenSaysWhoUsedIt()
    {
        using var client = hub.CreateClient();
        var links = hub.Services.GetRequiredService<LinkService>();
        var secret = Secret(await links.NewInvitationAsync("new@example.org", Roles.Member, "admin"));

        var (user, errors) = await links.AcceptAsync(secret, "", "New", "correct-horse-battery");
        var (second, _) = await links.AcceptAsync(secret, "", "Second", "correct-horse-battery");

        Assert.Empty(errors);
        Assert.Equal("new@example.org", user!.Email);
        Assert.Null(second);
        Assert.Equal((LinkState.Used, "new@example.org"), await links.FindAsync(secret) is var status ? (status.State, status.Link!.UsedBy) : default);
    }

    [Fact]
    public async Task Invitation_WithAWeakPassword_StaysGood()
    {
        using var client = hub.CreateClient();
        var links = hub.Services.GetRequiredService<LinkService>();
        var secret = Secret(await links.NewInvitationAsync("weak@example.org", Roles.Viewer, "admin"));

        var (user, errors) = await links.AcceptAsync(secret, "", "Weak", "short");

        Assert.Null(user);
        Assert.NotEmpty(errors);
        Assert.Equal(LinkState.Valid, (await links.FindAsync(secret)).State);
    }

    [Theory]
    [InlineData("not an address")]
    [InlineData("Bo <bo@example.org>")]
    public async Task Invitation_ForWhatIsNoAddress_IsNotMade(string email)
    {
        using var client = hub.CreateClient();
        var links = hub.Services.GetRequiredService<LinkService>();

        var fault = await Assert.ThrowsAsync<InputException>(() => links.NewInvitationAsync(email, Roles.Member, "admin"));

        Assert.Equal("account.email", fault.Code);
    }

    [Theory]
    [InlineData("/runs/1", "/runs/1")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData(null, "/")]
    public void LocalUrl_NeverLeavesTheHub(string? url, string expected) => Assert.Equal(expected, AccountEndpoints.LocalUrl(url));

    private static string Secret(string link) => link[(link.IndexOf("secret=", StringComparison.Ordinal) + 7)..];
}
