using ExperimentHub.Web.Tests.Browser;

namespace ExperimentHub.Web.Tests.Security;

public sealed class ChartExportTests(HubBrowser browser) : IClassFixture<HubBrowser>
{
    [Fact]
    public async Task ACsvOfCurves_HoldsNoFormula_WhateverARunIsCalled()
    {
        await using var page = await browser.SignedInAsync();
        var first = await browser.AddRunAsync("=1+1,cmd");
        var second = await browser.AddRunAsync("@SUM(A1)");
        await page.GoAsync($"/compare?runs={first},{second}");
        var chart = page.Test("chart-train_loss");
        await chart.Locator(".js-line").First.WaitForAsync();
        await chart.Locator("summary").ClickAsync();

        var download = await page.Page.RunAndWaitForDownloadAsync(() => chart.Locator("[data-chart-action=csv]").ClickAsync());

        var lines = await File.ReadAllLinesAsync(await download.PathAsync());
        Assert.Contains(lines, l => l.StartsWith($"{first},\"'=1+1,cmd\",train_loss,", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith($"{second},'@SUM(A1),train_loss,", StringComparison.Ordinal));
    }
}
