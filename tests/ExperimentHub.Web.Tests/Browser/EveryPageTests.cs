using ExperimentHub.Web.Runs;
using Microsoft.Playwright;

namespace ExperimentHub.Web.Tests.Browser;

/// <summary>What holds for every page, whatever it shows.</summary>
public sealed class EveryPageTests(HubBrowser browser) : IClassFixture<HubBrowser>
{
    private static readonly SemaphoreSlim s_seed = new(1, 1);

    public static TheoryData<string> Pages =>
    [
        "/", "/runs?selected=1,2", "/runs/1", "/runs/1/evaluation", "/runs/1/configuration", "/runs/1/checkpoints", "/runs/1/log", "/runs/new", "/compare?runs=1,2",
        "/playground", "/datasets", "/datasets/import", "/models", "/models/import", "/models/1", "/models/tokenizers", "/models/tokenizers/new", "/administration", "/administration/keys", "/administration/projects", "/account", "/trash", "/not-found",
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_IsReadableByAll_InBothThemes(string path)
    {
        foreach (var dark in (bool[])[false, true])
        {
            await using var page = await OpenAsync(path, 1440, dark);

            Assert.Empty(await page.FaultsOfAccessAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_FitsAPhone(string path)
    {
        await using var page = await OpenAsync(path, 390, false);

        Assert.False(await page.ScrollsSidewaysAsync());
    }

    [Theory]
    [InlineData("/account/sign-in")]
    [InlineData("/account/first-admin?secret=wrong")]
    [InlineData("/account/invitation?secret=wrong")]
    [InlineData("/account/reset-password?secret=wrong")]
    public async Task PageBeforeSignIn_IsReadableByAll(string path)
    {
        foreach (var dark in (bool[])[false, true])
        {
            await using var page = await browser.OpenAsync(dark: dark);
            await page.Page.GotoAsync(path);

            Assert.Empty(await page.FaultsOfAccessAsync());
        }
    }

    [Fact]
    public async Task Language_StaysChinese_WhenARunOfThePageChanges()
    {
        await using var page = await OpenAsync("/runs/1", 1440, false);
        await page.GoAsync("/runs/1?culture=zh");
        var tab = page.Page.GetByRole(AriaRole.Link, new() { Name = "图表" });
        await Assertions.Expect(tab).ToBeVisibleAsync();

        // As a worker's event would: told by a thread that knows nothing of this page.
        Task<bool> renaming;
        using (ExecutionContext.SuppressFlow())
        {
            renaming = Task.Run(() => browser.Hub.Services.GetRequiredService<RunService>().RenameAsync(1, "renamed-meanwhile"));
        }

        Assert.True(await renaming);

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "renamed-meanwhile" })).ToBeVisibleAsync();
        await Assertions.Expect(tab).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Phone_ChangesLanguageAndTheme_InTheAccountMenu()
    {
        await using var page = await OpenAsync("/", 390, false);

        await page.Test("account").Locator("summary").ClickAsync();
        await page.Test("account").GetByRole(AriaRole.Button, new() { Name = "Dark" }).ClickAsync();
        await Assertions.Expect(page.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.Test("account").Locator("summary").ClickAsync();
        await page.Test("account").GetByText("中文").ClickAsync();

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "首页" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Language_StaysChinese_OnceChosen()
    {
        await using var page = await browser.SignedInAsync();
        await page.GoAsync("/");
        await page.Test("language").ClickAsync();
        await page.Page.GetByText("中文", new() { Exact = true }).First.ClickAsync();

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "运行", Exact = true })).ToBeVisibleAsync();
        await page.GoAsync("/runs");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "运行", Exact = true })).ToBeVisibleAsync();
    }

    private async Task<HubPage> OpenAsync(string path, int width, bool dark)
    {
        var page = await browser.SignedInAsync(width, dark: dark);
        await s_seed.WaitAsync();
        try
        {
            if (await browser.Hub.Services.GetRequiredService<RunService>().FindAsync(1) is null)
            {
                await browser.AddRunAsync("minilm-head", 0.85);
                await browser.AddRunAsync("minilm-all", 0.92);
                await browser.AddRunAsync("minilm-failed", 0.6, RunStatus.Failed);
            }
        }
        finally
        {
            s_seed.Release();
        }

        await page.GoAsync(path);
        return page;
    }
}
