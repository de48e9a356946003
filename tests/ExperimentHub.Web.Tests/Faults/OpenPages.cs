using Microsoft.Playwright;

namespace ExperimentHub.Web.Tests.Faults;

/// <summary>Pages in chromium that stay open while the hub behind them is killed; they find back by themselves.</summary>
internal sealed class OpenPages : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";

    /// <summary>A page whose hub died several times waits up to a minute before it tries again, and the machine may have other work too.</summary>
    private const float Patience = 180_000;

    private const string StateOfPage = """
        () => JSON.stringify({
          address: location.href, state: document.readyState, since: Math.round(performance.now()), circuit: document.body.dataset.circuit,
          interactive: document.querySelector('[data-interactive]')?.dataset.interactive, away: document.documentElement.dataset.away,
          reconnect: document.getElementById('components-reconnect-modal')?.className, fault: document.getElementById('blazor-error-ui')?.style.display,
          length: document.documentElement.outerHTML.length, text: document.body.innerText.slice(0, 500) })
        """;

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
        await ShowsItsEndAsync(_run);
        await ToldAsync(_table, () => _table.Locator($"a[href='/runs/{storm.LastRun}']").First.ClickAsync());
        await ShowsItsEndAsync(_table);
    }

    private static Task ShowsItsEndAsync(IPage page) =>
        ToldAsync(page, () => Assertions.Expect(page.GetByTestId("run-status")).ToHaveTextAsync("Finished", new() { Timeout = Patience }));

    /// <summary>What fails is told with the state of the page.</summary>
    private static async Task ToldAsync(IPage page, Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (Exception e) when (e is PlaywrightException or TimeoutException)
        {
            throw new InvalidOperationException("The page did not find back: " + await page.EvaluateAsync<string>(StateOfPage), e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
