using Microsoft.Playwright;

namespace ExperimentHub.Web.Tests.Browser;

public sealed class RunPagesTests(HubBrowser browser) : IClassFixture<HubBrowser>
{
    [Fact]
    public async Task RunPage_SaysHowItWent_AndDrawsItsCurves()
    {
        await using var page = await browser.SignedInAsync();
        var id = await browser.AddRunAsync("curves", 0.91);

        await page.GoAsync($"/runs/{id}");

        await Assertions.Expect(page.Test("best")).ToHaveTextAsync("0.9100");
        await Assertions.Expect(page.Test("health")).ToContainTextAsync("Finished well");
        await Assertions.Expect(page.Test("chart-train_loss").Locator(".js-line")).ToHaveCountAsync(3);   // raw, smoothed, evaluation
        await Assertions.Expect(page.Test("chart-eval_f1").Locator("[data-last]")).ToHaveTextAsync("0.9100");
    }

    [Fact]
    public async Task Evaluation_ShowsConfusionAndMistakes()
    {
        await using var page = await browser.SignedInAsync();
        var id = await browser.AddRunAsync("evaluated", 0.9);

        await page.GoAsync($"/runs/{id}/evaluation");

        await Assertions.Expect(page.Test("confusion").Locator("td").First).ToContainTextAsync("90");
        await Assertions.Expect(page.Test("wrong")).ToContainTextAsync("not bad at all");
    }

    [Fact]
    public async Task RunTable_FeedsItsCharts_AndKeepsTheChoiceInItsAddress()
    {
        await using var page = await browser.SignedInAsync();
        var first = await browser.AddRunAsync("table-a");
        var second = await browser.AddRunAsync("table-b");
        await page.GoAsync("/runs");

        await page.Test($"select-{first}").CheckAsync();
        await page.Test($"select-{second}").CheckAsync();

        await Assertions.Expect(page.Test("chart-eval_f1").Locator(".js-line")).ToHaveCountAsync(2);
        await page.Page.ReloadAsync();
        await Assertions.Expect(page.Test($"select-{first}")).ToBeCheckedAsync();
        await page.Test("compare").ClickAsync();
        await Assertions.Expect(page.Test("verdict")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task RunTable_FiltersByWhatIsTyped()
    {
        await using var page = await browser.SignedInAsync();
        await browser.AddRunAsync("weak", 0.6);
        await browser.AddRunAsync("strong", 0.99);
        await page.GoAsync("/runs");

        await page.Test("filter").FillAsync("metrics.eval_f1 > 0.95");

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "strong" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "weak" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Form_NamesAllFaultsAtOnce_AndRepairsThem()
    {
        await using var page = await browser.SignedInAsync();
        await browser.AddRunAsync("for-the-form");
        await page.GoAsync("/runs/new");

        await page.Page.Locator("#setting-learning_rate").FillAsync("7");
        await page.Page.Locator("#setting-max_length").FillAsync("100000");
        await page.Test("start-run").ClickAsync();

        await Assertions.Expect(page.Test("faults")).ToContainTextAsync("2 to fix");
        await Assertions.Expect(page.Test("field-learning_rate")).ToContainTextAsync("Must be above 0 and at most 1.");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Fix", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Test("faults")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Form_HearsThePressOfStart_ThatAlsoEndsTheTypingInAField()
    {
        await using var page = await browser.SignedInAsync();
        await browser.AddRunAsync("for-the-press");
        await page.GoAsync("/runs/new");
        await page.Page.Locator("#setting-learning_rate").FillAsync("7");
        await page.Page.Locator("#setting-epochs").FillAsync("9");
        var button = await page.Test("start-run").BoundingBoxAsync();

        await page.Page.Mouse.MoveAsync(button!.X + (button.Width / 2), button.Y + (button.Height / 2));
        await page.Page.Mouse.DownAsync();
        await Assertions.Expect(page.Test("changed")).ToContainTextAsync("epochs");
        await page.Page.Mouse.UpAsync();

        await Assertions.Expect(page.Test("faults")).ToContainTextAsync("1 to fix");
    }

    [Fact]
    public async Task Form_AndItsJson_AreTheSameDraft_WhichSurvivesLeaving()
    {
        await using var page = await browser.SignedInAsync();
        await browser.AddRunAsync("for-the-draft");
        await page.GoAsync("/runs/new");
        await page.Test("preset-quick").ClickAsync();
        await Assertions.Expect(page.Test("trainable")).ToContainTextAsync("0.00");

        await page.Test("form-view").GetByText("JSON").ClickAsync();
        await Assertions.Expect(page.Test("json")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("\"trainable\": \"head\""));
        await page.GoAsync("/");
        await page.GoAsync("/runs/new");

        await Assertions.Expect(page.Test("preset-quick")).ToHaveAttributeAsync("aria-checked", "true");
    }

    [Fact]
    public async Task Palette_GoesToARun_ByAFewLetters()
    {
        await using var page = await browser.SignedInAsync();
        var id = await browser.AddRunAsync("zebra-crossing");
        await page.GoAsync("/");

        await page.Page.Keyboard.PressAsync("Control+k");
        await page.Test("palette-input").FillAsync("zebra");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Option)).ToHaveCountAsync(1);
        await page.Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "zebra-crossing" })).ToBeVisibleAsync();
        Assert.EndsWith($"/runs/{id}", page.Page.Url);
    }
}
