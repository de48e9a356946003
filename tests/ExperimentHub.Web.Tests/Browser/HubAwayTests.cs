using Microsoft.Playwright;

namespace ExperimentHub.Web.Tests.Browser;

/// <summary>What a page does when the hub behind it goes away; kills of real hubs are in <see cref="Faults.KillStormTests"/>.</summary>
public sealed class HubAwayTests(HubBrowser browser) : IClassFixture<HubBrowser>
{
    [Fact]
    public async Task Page_ThatWasSentButNotBroughtToLife_OpensAgain()
    {
        await using var page = await browser.SignedInAsync();
        var away = true;
        var refused = new TaskCompletionSource();
        await page.Page.RouteAsync("**/_blazor/negotiate**", async route =>
        {
            if (away)
            {
                await route.AbortAsync();
                refused.TrySetResult();
            }
            else
            {
                await route.ContinueAsync();
            }
        });
        await page.Page.GotoAsync("/runs");
        await refused.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await Assertions.Expect(page.Page.Locator("[data-interactive=false]")).ToHaveCountAsync(1);

        away = false;

        await page.Page.Locator("[data-interactive=true]").WaitForAsync(new() { Timeout = 60_000 });
        page.ForgetErrors();   // the browser noted the refused connection, as it should
    }

    [Fact]
    public async Task Page_OfWhichOnlyAPartArrived_OpensAgain()
    {
        await using var page = await browser.SignedInAsync();
        var asked = 0;
        await page.Page.RouteAsync("**/runs", async route =>
        {
            if (Interlocked.Increment(ref asked) > 1)
            {
                await route.ContinueAsync();
                return;
            }

            // As when the hub dies while it sends: what stands after the middle, Blazor's script with it, never comes.
            var answer = await route.FetchAsync();
            var body = await answer.TextAsync();
            await route.FulfillAsync(new() { Response = answer, Body = body[..(body.IndexOf("<main", StringComparison.Ordinal) + 100)] });
        });
        await page.Page.GotoAsync("/runs", new() { WaitUntil = WaitUntilState.Commit });

        // Only a page that came whole has the script that can say so.
        await page.Page.Locator("[data-interactive=true]").WaitForAsync(new() { Timeout = 60_000 });
        Assert.True(asked > 1);
    }

    [Fact]
    public async Task Page_ThatIsAskedForWhileTheHubIsAway_OpensWhenItIsBack()
    {
        await using var page = await browser.OpenAsVisitorAsync();
        await page.Page.GotoAsync("/account/sign-in");
        await page.Page.EvaluateAsync("async () => { await navigator.serviceWorker.ready; while (!await caches.match('/account/away')) await new Promise(r => setTimeout(r, 50)); }");
        await page.Page.Context.SetOfflineAsync(true);

        var answer = await page.Page.GotoAsync("/account/denied");

        Assert.Equal(503, answer!.Status);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("ExperimentHub is not answering");
        Assert.Empty(await page.FaultsOfAccessAsync());
        await page.Page.Context.SetOfflineAsync(false);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading)).Not.ToHaveTextAsync("ExperimentHub is not answering");
        page.ForgetErrors();   // the browser noted that nobody answered, as it should
    }
}
