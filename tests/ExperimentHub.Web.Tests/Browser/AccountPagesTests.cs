using ExperimentHub.Web.Accounts;
using Microsoft.Playwright;

namespace ExperimentHub.Web.Tests.Browser;

public sealed class AccountPagesTests(HubBrowser browser) : IClassFixture<HubBrowser>
{
    [Fact]
    public async Task SignIn_SaysTheSame_ForAWrongPasswordAndAnUnknownAddress()
    {
        await using var page = await browser.OpenAsync();
        foreach (var mail in (string[])[HubFactory.AdminEmail, "nobody@example.org"])
        {
            await page.Page.GotoAsync("/account/sign-in");
            await page.Test("email").FillAsync(mail);
            await page.Test("password").FillAsync("not-the-password");
            await page.Test("sign-in").ClickAsync();

            await Assertions.Expect(page.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Wrong mail or password.");
        }
    }

    [Fact]
    public async Task Invitation_MakesAnAccount_AndWorksOnce()
    {
        await using var admin = await browser.SignedInAsync();
        await admin.GoAsync("/administration");
        await admin.Test("invite-email").FillAsync("guest@example.org");
        await admin.Test("invite").ClickAsync();
        var link = await admin.Test("new-link").Locator("code").TextContentAsync();

        await using (var guest = await browser.OpenAsync())
        {
            await guest.Page.GotoAsync(link!);
            await guest.Test("name").FillAsync("Guest");
            await guest.Test("password").FillAsync("four words will do");
            await guest.Test("create-account").ClickAsync();
            await guest.Page.WaitForURLAsync("**/");
            await Assertions.Expect(guest.Test("account")).ToBeVisibleAsync();
        }

        await using var second = await browser.OpenAsync();
        await second.Page.GotoAsync(link!);
        await Assertions.Expect(second.Page.GetByText("This link was used already.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Password_IsChangedByItsOwner_WhoKnowsTheOldOne()
    {
        var links = browser.Hub.Services.GetRequiredService<LinkService>();
        await using var page = await browser.OpenAsync();
        await page.Page.GotoAsync(await links.NewInvitationAsync("changer@example.org", Roles.Member, "admin"));
        await page.Test("name").FillAsync("Changer");
        await page.Test("password").FillAsync("the first password");
        await page.Test("create-account").ClickAsync();
        await page.Page.WaitForURLAsync("**/");

        await page.GoAsync("/account");
        await page.Test("change-password").ClickAsync();
        await page.Test("old-password").FillAsync("not the first one");
        await page.Test("password").FillAsync("the second password");
        await page.Test("set-password").ClickAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The old password is wrong.");
        Assert.Empty(await page.FaultsOfAccessAsync());
        await page.Test("old-password").FillAsync("the first password");
        await page.Test("password").FillAsync("the second password");
        await page.Test("set-password").ClickAsync();

        await Assertions.Expect(page.Test("password-changed")).ToBeVisibleAsync();
        using var scope = browser.Hub.Services.CreateScope();
        var users = scope.ServiceProvider.GetRequiredService<Microsoft.AspNetCore.Identity.UserManager<HubUser>>();
        var user = await users.FindByEmailAsync("changer@example.org");
        Assert.True(await users.CheckPasswordAsync(user!, "the second password"));
        Assert.False(await users.CheckPasswordAsync(user!, "the first password"));
    }

    [Fact]
    public async Task Key_IsShownOnce()
    {
        await using var page = await browser.SignedInAsync();
        await page.GoAsync("/account");
        await page.Test("key-name").FillAsync("nightly script");
        await page.Test("create-key").ClickAsync();
        var secret = await page.Test("key-secret").TextContentAsync();

        Assert.NotNull(await browser.Hub.Services.GetRequiredService<ApiKeyService>().FindAsync(secret!));
        await page.GoAsync("/account");
        await Assertions.Expect(page.Page.GetByText("nightly script")).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByText(secret!)).ToHaveCountAsync(0);
    }
}
