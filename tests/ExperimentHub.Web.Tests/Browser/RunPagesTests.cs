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

        // By time a curve begins when its first value came, not at zero: the first evaluation came after 50 s.
        await page.GoAsync($"/runs/{id}?x=time");
        var plot = page.Test("chart-eval_f1").Locator("[data-plot]");
        await Assertions.Expect(plot).ToHaveAttributeAsync("data-points", "2");
        Assert.InRange(await plot.EvaluateAsync<double>("plot => plot.data[0].x[0]"), 0.8, 0.9);
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
    public async Task RunTable_KeepsTheBaselineOnTop_AndMeasuresAgainstIt()
    {
        await using var page = await browser.SignedInAsync();
        var (first, second) = (await browser.AddRunAsync("pinned-base", 0.8), await browser.AddRunAsync("pinned-other", 0.85));
        await page.GoAsync("/runs");

        await page.Page.GetByText("pinned-base").HoverAsync();
        await page.Test($"pin-{first}").ClickAsync();
        await page.Test("filter").FillAsync("pinned-other");

        await Assertions.Expect(page.Test("runs").Locator("tbody.pinned")).ToContainTextAsync("pinned-base");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "pinned-other" })).ToContainTextAsync("↑ +0.0500");
        await page.Page.ReloadAsync();
        await page.Test($"select-{second}").CheckAsync();
        await Assertions.Expect(page.Test("chart-eval_f1").Locator(".js-line")).ToHaveCountAsync(2);
        await page.Test("compare").ClickAsync();
        await Assertions.Expect(page.Test("metrics").GetByRole(AriaRole.Row).Filter(new() { HasText = "Eval F1" })).ToContainTextAsync("↑ +0.0500");
        await page.Test($"baseline-{second}").ClickAsync();
        await Assertions.Expect(page.Test("metrics").GetByRole(AriaRole.Row).Filter(new() { HasText = "Eval F1" })).ToContainTextAsync("↓ −0.0500");
    }

    [Fact]
    public async Task Chart_ReadsFinerPoints_WhereItIsZoomedInto()
    {
        await using var page = await browser.SignedInAsync();
        var id = await browser.AddRunAsync("many-points");
        await browser.AddPointsAsync(id, "train_loss", 20_000);
        await page.GoAsync($"/runs/{id}");
        var plot = page.Test("chart-train_loss").Locator("[data-plot]");
        await Assertions.Expect(plot).ToHaveAttributeAsync("data-points", new System.Text.RegularExpressions.Regex("^[12][0-9]{3}$"));

        await plot.EvaluateAsync("plot => Plotly.relayout(plot, { 'xaxis.range': [5000, 5100] })");

        // Every step of the part that is seen is drawn, and the rest as before.
        await Assertions.Expect(plot).ToHaveAttributeAsync("data-refined", "1");
        Assert.Equal(101, await SeenAsync());
        await plot.EvaluateAsync("plot => Plotly.relayout(plot, { 'xaxis.autorange': true })");
        await Assertions.Expect(plot).ToHaveAttributeAsync("data-refined", "0");
        Assert.InRange(await SeenAsync(), 2, 30);

        Task<int> SeenAsync() => plot.EvaluateAsync<int>("plot => plot.data[0].x.filter(x => x >= 5000 && x <= 5100).length");
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
    public async Task Checkpoints_ShowOneAsTheBest_ThoughEachWasWhenItWasSaved()
    {
        await using var page = await browser.SignedInAsync();
        var id = await browser.AddRunAsync("two-that-were-best");

        await page.GoAsync($"/runs/{id}/checkpoints");

        await Assertions.Expect(page.Test("checkpoints").Locator("tbody tr")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Test("checkpoints").Locator("tr", new() { HasText = "best" })).ToHaveCountAsync(1);
        await Assertions.Expect(page.Test("checkpoints").Locator("tr", new() { HasText = "best" })).ToContainTextAsync("100");
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
    public async Task Form_TakesPastedJson_AndSaysWhatItDoesNotKnow()
    {
        await using var page = await browser.SignedInAsync();
        await browser.AddRunAsync("for-the-json");
        await page.GoAsync("/runs/new");
        await page.Test("form-view").GetByText("JSON").ClickAsync();

        await page.Test("json").FillAsync("""{"name":"pasted","dataset":"1","model":"small-encoder","epochs":2,"nonsense":4}""");
        await page.Test("json").BlurAsync();

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("nonsense");
        await page.Test("form-view").GetByText("Form").ClickAsync();
        await Assertions.Expect(page.Page.Locator("#setting-epochs")).ToHaveValueAsync("2");
        await Assertions.Expect(page.Test("memory")).ToContainTextAsync("iB");
        await Assertions.Expect(page.Test("faults")).ToHaveCountAsync(0);
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
