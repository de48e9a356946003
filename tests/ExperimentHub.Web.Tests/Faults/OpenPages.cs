using Microsoft.Playwright;

namespace ExperimentHub.Web.Tests.Faults;

/// <summary>Pages in chromium that stay open while the hub behind them is killed; they find back by themselves.</summary>
internal sealed class OpenPages : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";
    private const float Patience = 90_000;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly IPage _table;
    private readonly IPage _run;

    private OpenPages(IPlaywright playwright, IBrowser browser, IPage table, IPage run) => (_playwright, _browser, _table, _run) = (playwright, browser, table, run);

    /// <summary>Opens the table of runs and the page of one; null where there is no chromium.</summary>
    public static async Task<OpenPages?> TryOpenAsync(KillStorm storm)
    {
        if (!File.Exists(Chromium))
        {
            return null;
        }

        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var context = await browser.NewContextAsync(new() { BaseURL = storm.Address, Locale = "en" });
        context.SetDefaultTimeout(Patience);
        var table = await context.NewPageAsync();
        await table.GotoAsync("/account/sign-in");
        await table.GetByTestId("email").FillAsync(HubFactory.AdminEmail);
        await table.GetByTestId("password").FillAsync(HubFactory.AdminPassword);
        await table.GetByTestId("sign-in").ClickAsync();
        await table.WaitForURLAsync("**/");
        await table.GotoAsync("/runs");
        var run = await context.NewPageAsync();
        await run.GotoAsync($"/runs/{storm.LastRun}");
        await run.Locator("[data-interactive=true]").WaitForAsync();
        return new OpenPages(playwright, browser, table, run);
    }

    /// <summary>The page of the run tells its end without having been touched, and the table opens the newest run.</summary>
    public async Task CheckAsync(KillStorm storm)
    {
        await Assertions.Expect(_run.GetByTestId("run-status")).ToHaveTextAsync("Finished", new() { Timeout = Patience });
        await _table.Locator($"a[href='/runs/{storm.LastRun}']").First.ClickAsync();
        await Assertions.Expect(_table.GetByTestId("run-status")).ToHaveTextAsync("Finished", new() { Timeout = Patience });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
