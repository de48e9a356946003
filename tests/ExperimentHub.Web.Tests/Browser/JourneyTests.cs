using System.Text;
using System.Text.RegularExpressions;
using ExperimentHub.Web.Accounts;
using Microsoft.Playwright;

namespace ExperimentHub.Web.Tests.Browser;

/// <summary>The main job as a person does it: an empty hub, a real browser, real workers.</summary>
[Collection(typeof(WholeMachine))]
public sealed partial class JourneyTests : IAsyncLifetime
{
    private const int Patience = 90_000;   // of one step, on a machine that has other work too

    private readonly HubBrowser _browser = new() { Hub = new HubFactory { HasAdmin = false } };

    public ValueTask InitializeAsync() => _browser.InitializeAsync();

    public ValueTask DisposeAsync() => _browser.DisposeAsync();

    [Fact]
    public async Task Journey_LeadsFromAFileToAnAnswer()
    {
        await using var page = await FirstVisitAsync();
        await ImportAsync(page);
        await CreateModelAsync(page);
        await CountTokensAsync(page);
        await TrainTokenizerAsync(page);
        await TryTemplateAsync(page);

        await page.GoAsync("/runs/new?dataset=1");
        await HeedWarningAsync(page);
        await StartAsync(page, null, "first", ("learning_rate", "0.001"), ("epochs", "2"));
        await FinishAsync(page);
        await page.Test("tab-evaluation").ClickAsync();
        await Assertions.Expect(page.Test("confusion").Locator("tbody tr")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Test("by-class")).ToContainTextAsync("good");

        await page.Test("clone").ClickAsync();
        await StartAsync(page, null, "second", ("learning_rate", "0.0001"));
        await FinishAsync(page);

        await page.GoAsync("/runs");
        await page.Test("select-1").CheckAsync();
        await page.Test("select-2").CheckAsync();
        await page.Test("compare").ClickAsync();
        await Assertions.Expect(page.Test("verdict")).ToBeVisibleAsync();
        await Assertions.Expect(page.Test("differences").Locator("tbody tr")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Test("differences")).ToContainTextAsync("Learning rate");

        await page.GoAsync("/runs/1");
        await page.Test("try-it").ClickAsync();
        await page.Test("text").FillAsync("what a lovely room");
        await page.Test("classify").ClickAsync();
        await Assertions.Expect(page.Test("label")).ToHaveTextAsync(GoodOrBad(), new() { Timeout = Patience });
    }

    [Fact]
    public async Task Reload_ShowsTheSameCurve_WhileTheRunGoesOn()
    {
        await using var page = await FirstVisitAsync();
        await ImportAsync(page);
        await CreateModelAsync(page);
        await StartAsync(page, "/runs/new?dataset=1", "long", ("epochs", "200"), ("batch_size", "4"));
        var curve = page.Test("chart-train_loss").Locator("[data-plot]");
        await Assertions.Expect(curve).ToHaveAttributeAsync("data-points", SeveralPoints(), new() { Timeout = Patience });
        var before = await FirstLossesAsync(curve);

        await page.Page.ReloadAsync();

        await Assertions.Expect(curve).ToHaveAttributeAsync("data-points", SeveralPoints(), new() { Timeout = Patience });
        Assert.Equal(before, await FirstLossesAsync(curve));
        await page.Test("cancel").ClickAsync();
        await Assertions.Expect(page.Test("run-status")).ToHaveTextAsync("Cancelled", new() { Timeout = Patience });
    }

    private static Task<double[]> FirstLossesAsync(ILocator curve) => curve.EvaluateAsync<double[]>("plot => plot.data[0].y.slice(0, 5)");

    private async Task<HubPage> FirstVisitAsync()
    {
        var page = await _browser.OpenAsync();
        var link = await _browser.Hub.Services.GetRequiredService<LinkService>().NewFirstAdminLinkAsync();
        await page.Page.GotoAsync(link!);
        await page.Test("name").FillAsync("First");
        await page.Test("email").FillAsync("first@example.org");
        await page.Test("password").FillAsync("four words will do");
        await page.Test("create-account").ClickAsync();
        await Assertions.Expect(page.Test("first-step")).ToBeVisibleAsync();
        return page;
    }

    private static async Task ImportAsync(HubPage page)
    {
        await page.GoAsync("/datasets/import");
        await page.Test("upload-file").SetInputFilesAsync(new FilePayload { Name = "rooms.csv", MimeType = "text/csv", Buffer = Rows() });
        await Assertions.Expect(page.Test("rows-kept")).ToHaveTextAsync("200", new() { Timeout = Patience });
        await page.Test("import-now").ClickAsync();
        await Assertions.Expect(page.Test("row-count")).ToHaveTextAsync("200 rows", new() { Timeout = Patience });
    }

    private static async Task CreateModelAsync(HubPage page)
    {
        await page.GoAsync("/models/import");
        await page.Test("preset-tiny").ClickAsync();
        await page.Page.Locator("#scratch-vocabulary").FillAsync("5");
        await page.Page.Locator("#scratch-vocabulary").BlurAsync();
        await Assertions.Expect(page.Page.Locator("#scratch-vocabulary-field")).ToContainTextAsync("100 to 200000");
        await Assertions.Expect(page.Test("create")).ToBeDisabledAsync();
        await page.Page.Locator("#scratch-vocabulary").FillAsync("300");
        await page.Page.Locator("#scratch-vocabulary").BlurAsync();
        await page.Test("create").ClickAsync();
        await Assertions.Expect(page.Test("tokenizer-text")).ToBeVisibleAsync(new() { Timeout = Patience });
    }

    /// <summary>The count goes on as a job, and its address is the page's: it is there after a reload.</summary>
    private static async Task CountTokensAsync(HubPage page)
    {
        await page.GoAsync("/datasets/1");
        await page.Test("token-model").SelectOptionAsync("1");
        await Assertions.Expect(page.Test("token-cuts")).ToContainTextAsync("rows cut at 32 tokens", new() { Timeout = Patience });
        await page.Page.ReloadAsync();
        await Assertions.Expect(page.Test("token-cuts")).ToContainTextAsync("rows cut at 32 tokens", new() { Timeout = Patience });
    }

    /// <summary>The page compares it with the model's at once, and shows what its tokens were joined from.</summary>
    private static async Task TrainTokenizerAsync(HubPage page)
    {
        await page.Test("train-tokenizer").ClickAsync();
        await page.Test("tokenizer-size").FillAsync("5");
        await Assertions.Expect(page.Page.Locator("#tokenizer-size-field")).ToContainTextAsync("100 to 1000000");
        await Assertions.Expect(page.Test("start")).ToBeDisabledAsync();
        await page.Test("tokenizer-size").FillAsync("300");
        await page.Test("start").ClickAsync();
        await Assertions.Expect(page.Test("vocabulary-size")).ToBeVisibleAsync(new() { Timeout = Patience });
        await Assertions.Expect(page.Test("per-token")).ToHaveCountAsync(2, new() { Timeout = Patience });
        await page.Test("vocabulary-search").FillAsync("shabby");
        await Assertions.Expect(page.Test("vocabulary-tokens")).ToContainTextAsync("␣shabby", new() { Timeout = Patience });
        await page.Test("tokenizer-text").FillAsync("a shabby room");
        await page.Test("tokenizer-text").BlurAsync();
        await Assertions.Expect(page.Test("token-count")).ToHaveTextAsync("3 tokens", new() { Timeout = Patience });
    }

    /// <summary>The editor writes as one types, and says which line is wrong.</summary>
    private static async Task TryTemplateAsync(HubPage page)
    {
        await page.GoAsync("/models/1/template");
        await Assertions.Expect(page.Test("template-fault")).ToHaveTextAsync("This model has no chat template; write one.", new() { Timeout = Patience });
        await page.Test("template-chatml").ClickAsync();
        await Assertions.Expect(page.Test("template-text").Locator("mark")).ToHaveTextAsync("Training a pretrained model further, on examples of one task.<|im_end|>", new() { Timeout = Patience });
        await page.Test("template").FillAsync("{{ messages[0].content }}\n{% if %}");
        await Assertions.Expect(page.Test("template-line")).ToHaveTextAsync("2 {% if %}", new() { Timeout = Patience });
        await page.Test("template").FillAsync("{{ messages[1].content }}");
        await Assertions.Expect(page.Test("template-text")).ToHaveTextAsync("What is fine-tuning?", new() { Timeout = Patience });
        await page.Test("conversation").FillAsync("[]");
        await Assertions.Expect(page.Test("conversation-fault")).ToHaveTextAsync("The conversation has no messages; give at least one.", new() { Timeout = Patience });
        await Assertions.Expect(page.Test("template-fault")).ToBeEmptyAsync();
    }

    /// <summary>Every row is longer than four tokens: the page has looked at the rows, says so and offers the repair.</summary>
    private static async Task HeedWarningAsync(HubPage page)
    {
        var length = page.Page.Locator("#setting-max_length");
        await Assertions.Expect(page.Test("memory")).ToHaveTextAsync(Memory());
        await length.FillAsync("4");
        await length.BlurAsync();
        await Assertions.Expect(page.Test("run-warnings")).ToContainTextAsync("100.00 % of the rows are cut at 4 tokens", new() { Timeout = Patience });
        await page.Test("use-max_length").ClickAsync();
        await Assertions.Expect(length).ToHaveValueAsync("64");
        await Assertions.Expect(page.Test("run-warnings")).ToHaveCountAsync(0);
    }

    private static async Task StartAsync(HubPage page, string? address, string name, params (string Setting, string Value)[] settings)
    {
        if (address is not null)
        {
            await page.GoAsync(address);   // with one model, it is chosen
        }

        await page.Test("run-name").FillAsync(name);
        foreach (var (setting, value) in settings)
        {
            await page.Page.Locator("#setting-" + setting).FillAsync(value);
        }

        await page.Test("start-run").ClickAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = name })).ToBeVisibleAsync();
    }

    private static Task FinishAsync(HubPage page) => Assertions.Expect(page.Test("run-status")).ToHaveTextAsync("Finished", new() { Timeout = Patience });

    /// <summary>200 rows of two classes that differ in a word.</summary>
    private static byte[] Rows()
    {
        var text = new StringBuilder("text,label\n");
        for (var i = 0; i < 100; i++)
        {
            text.Append("a lovely room number ").Append(i).Append(",good\n");
            text.Append("a shabby room number ").Append(i).Append(",bad\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    [GeneratedRegex("^≈ [0-9.]+.[MG]iB$")]
    private static partial Regex Memory();

    [GeneratedRegex("^(good|bad)$")]
    private static partial Regex GoodOrBad();

    /// <summary>Twenty points or more, so that the first five are there on both sides of the reload.</summary>
    [GeneratedRegex("^([2-9][0-9]|[0-9]{3,})$")]
    private static partial Regex SeveralPoints();
}
