using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Engine.Tokenizers.Training;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Runs;
using ExperimentHub.Web.Tests.Browser;
using ExperimentHub.Web.Tokenizers;
using ExperimentHub.Web.Trash;
using ExperimentHub.Web.Workers;
using Microsoft.Playwright;

namespace ExperimentHub.Web.Tests.Trash;

public sealed class TrashTests(HubBrowser browser) : IClassFixture<HubBrowser>
{
    private IServiceProvider Services => browser.Hub.Services;

    private TrashService Trash => Services.GetRequiredService<TrashService>();

    [Fact]
    public async Task Purge_TakesARunWithItsCurvesAndFiles_AndLeavesTheOthers()
    {
        await using var page = await browser.SignedInAsync();
        var (gone, kept) = (await browser.AddRunAsync("purge-gone"), await browser.AddRunAsync("purge-kept"));
        var runs = Services.GetRequiredService<RunService>();
        await runs.SetDeletedAsync(gone, true);

        await page.GoAsync("/trash");
        await page.Test($"purge-Run-{gone}").ClickAsync();
        var dialog = page.Page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(page.Test("purge")).ToBeDisabledAsync();
        await dialog.Locator("#purge-name").FillAsync("purge-gone");
        await page.Test("purge").ClickAsync();

        await Assertions.Expect(page.Test($"purge-Run-{gone}")).ToHaveCountAsync(0);
        var reader = Services.GetRequiredService<MetricReader>();
        Assert.Null(await runs.FindAsync(gone));
        Assert.Empty(reader.Summaries(gone));
        Assert.Empty(reader.Attempts(gone));
        Assert.False(Directory.Exists(Path.Combine(Services.GetRequiredService<HubPaths>().Runs, $"{gone}")));
        Assert.NotEmpty(reader.Summaries(kept));
        Assert.True(Directory.Exists(Path.Combine(Services.GetRequiredService<HubPaths>().Runs, $"{kept}")));
    }

    [Fact]
    public async Task Restore_BringsARunBack()
    {
        await using var page = await browser.SignedInAsync();
        var id = await browser.AddRunAsync("comes-back");
        var runs = Services.GetRequiredService<RunService>();
        await runs.SetDeletedAsync(id, true);

        await page.GoAsync("/trash");
        await page.Test($"restore-Run-{id}").ClickAsync();

        await Assertions.Expect(page.Test($"restore-Run-{id}")).ToHaveCountAsync(0);
        Assert.Null((await runs.FindAsync(id))!.DeletedAt);
    }

    [Fact]
    public async Task Purge_RefusesDataAndModels_ThatARunNeeds()
    {
        await using var page = await browser.SignedInAsync();
        var run = await Services.GetRequiredService<RunService>().FindAsync(await browser.AddRunAsync("needs-both"));
        var data = (await Services.GetRequiredService<DatasetService>().FindVersionAsync(run!.DatasetVersionId))!.DatasetId;

        try
        {
            await Services.GetRequiredService<DatasetService>().SetDeletedAsync(data, true);
            await Services.GetRequiredService<ModelService>().SetDeletedAsync(run.ModelId, true);

            Assert.Equal("trash.used", (await Assert.ThrowsAsync<InputException>(() => Trash.PurgeAsync(TrashKind.Dataset, data))).Code);
            Assert.Equal("trash.used", (await Assert.ThrowsAsync<InputException>(() => Trash.PurgeAsync(TrashKind.Model, run.ModelId))).Code);
        }
        finally
        {
            await Services.GetRequiredService<DatasetService>().SetDeletedAsync(data, false);
            await Services.GetRequiredService<ModelService>().SetDeletedAsync(run.ModelId, false);
        }

        Assert.NotNull(await Services.GetRequiredService<ModelService>().FindAsync(run.ModelId));
    }

    [Fact]
    public async Task Purge_KeepsContent_ThatAnotherModelShares()
    {
        await using var page = await browser.SignedInAsync();
        var (first, second) = (await browser.AddModelAsync("twin-a", new string('c', 64)), await browser.AddModelAsync("twin-b", new string('c', 64)));
        var folder = Directory.CreateDirectory(Services.GetRequiredService<HubPaths>().Model(new string('c', 64)));
        var models = Services.GetRequiredService<ModelService>();
        await models.SetDeletedAsync(first, true);
        await models.SetDeletedAsync(second, true);

        await Trash.PurgeAsync(TrashKind.Model, first);
        folder.Refresh();
        Assert.True(folder.Exists);
        await Trash.PurgeAsync(TrashKind.Model, second);
        folder.Refresh();

        Assert.False(folder.Exists);
        Assert.Null(await models.FindAsync(second));
    }

    [Fact]
    public async Task Purge_TakesATokenizer_WithItsFolder()
    {
        await using var page = await browser.SignedInAsync();
        var tokenizers = Services.GetRequiredService<TokenizerService>();
        var info = new TokenizerInfo { Hash = new string('d', 64), Kind = TokenizerTraining.Bpe, AskedVocabularySize = 100, Texts = 1, Characters = 1 };
        var job = new Job { OwnerId = "x", ProjectId = 1, Kind = JobKinds.TrainTokenizer, Title = "t", SettingsJson = "{}", FollowUpJson = """{"name":"purged","dataset_id":1,"dataset_hash":"e"}""" };
        var id = await tokenizers.RegisterAsync(job, JsonSerializer.Serialize(info, WireJson.Options));
        Assert.Equal(id, await tokenizers.RegisterAsync(job, JsonSerializer.Serialize(info, WireJson.Options)));   // the same job again gives the same row
        var folder = Directory.CreateDirectory(Services.GetRequiredService<HubPaths>().Tokenizer(info.Hash));
        await tokenizers.SetDeletedAsync(id, true);

        Assert.Contains(await Trash.ListAsync([1]), i => i.Kind == TrashKind.Tokenizer && i.Name == "purged");
        await Trash.PurgeAsync(TrashKind.Tokenizer, id);
        folder.Refresh();

        Assert.False(folder.Exists);
        Assert.Null(await tokenizers.FindAsync(id));
    }

    [Fact]
    public async Task Purge_LeavesAlone_WhatIsNotInTheTrash()
    {
        await using var page = await browser.SignedInAsync();
        var id = await browser.AddRunAsync("alive");

        await Trash.PurgeAsync(TrashKind.Run, id);

        Assert.NotNull(await Services.GetRequiredService<RunService>().FindAsync(id));
        Assert.NotEmpty(Services.GetRequiredService<MetricReader>().Summaries(id));
    }
}
