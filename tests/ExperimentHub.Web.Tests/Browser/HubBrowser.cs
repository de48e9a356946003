using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Runs;
using ExperimentHub.Web.Workers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace ExperimentHub.Web.Tests.Browser;

/// <summary>The hub on a real port and Debian's chromium, shared by the tests of a class; without chromium they are skipped.</summary>
public sealed class HubBrowser : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _signedIn;

    public HubFactory Hub { get; init; } = new();

    public string Address { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium))
        {
            return;
        }

        Hub.UseKestrel(0);
        Hub.StartServer();
        Address = Hub.ClientOptions.BaseAddress.ToString().TrimEnd('/');
        Assertions.SetDefaultExpectTimeout(30_000);   // a loaded machine is slow, not wrong
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        await Hub.DisposeAsync();
    }

    /// <summary>A window of its own, not signed in. What the page logs as an error fails the test at <see cref="HubPage.DisposeAsync"/>.</summary>
    public Task<HubPage> OpenAsync(int width = 1440, int height = 900, bool dark = false) => OpenAsync(width, height, dark, null);

    /// <summary>A window of the administrator, who signs in once.</summary>
    public async Task<HubPage> SignedInAsync(int width = 1440, int height = 900, bool dark = false)
    {
        var page = await OpenAsync(width, height, dark, _signedIn);
        if (_signedIn is null)
        {
            await page.SignInAsync();
            _signedIn = await page.Page.Context.StorageStateAsync();
        }

        return page;
    }

    /// <summary>A window of somebody who is not signed in, in which the page for a hub that is away is kept as for a visitor.</summary>
    public Task<HubPage> OpenAsVisitorAsync() => OpenAsync(1440, 900, false, null, ServiceWorkerPolicy.Allow);

    /// <summary>Without the worker of <c>away.js</c>, as long as no test is about it: what a page asks for through it cannot be intercepted.</summary>
    private async Task<HubPage> OpenAsync(int width, int height, bool dark, string? cookies, ServiceWorkerPolicy away = ServiceWorkerPolicy.Block)
    {
        if (_browser is null)
        {
            Assert.Skip($"There is no {Chromium} on this machine.");
        }

        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = Address,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            Locale = "en",
            StorageState = cookies,
            ServiceWorkers = away,
        });
        return new HubPage(await context.NewPageAsync());
    }

    /// <summary>A finished run with curves, an evaluation and a log, as its worker would have left it.</summary>
    public async Task<int> AddRunAsync(string name, double f1 = 0.9, RunStatus status = RunStatus.Finished)
    {
        var services = Hub.Services;
        await using var database = await services.GetRequiredService<IDbContextFactory<HubDbContext>>().CreateDbContextAsync();
        var project = await database.Projects.FirstAsync();
        var data = await database.DatasetVersions.FirstOrDefaultAsync() ?? await AddDataAsync(database, project.Id, project.OwnerId);
        var model = await database.Models.FirstOrDefaultAsync() ?? await AddModelAsync(database, project.Id, project.OwnerId);
        var run = new Run
        {
            ProjectId = project.Id,
            OwnerId = project.OwnerId,
            Name = name,
            Status = status,
            ConfigJson = $$"""{"name":"{{name}}","model":"{{model.Hash}}","dataset":"{{data.Hash}}"}""",
            DatasetVersionId = data.Id,
            ModelId = model.Id,
            Color = await database.Runs.CountAsync() % 10,
            AttemptCount = 1,
            CreatedAt = DateTime.UtcNow.AddMinutes(-10),
            StartedAt = DateTime.UtcNow.AddMinutes(-10),
            EndedAt = DateTime.UtcNow.AddMinutes(-5),
            Error = status == RunStatus.Failed ? "The machine ran out of memory in step 14; use a smaller batch." : null,
        };
        database.Runs.Add(run);
        await database.SaveChangesAsync();
        var attempt = new Attempt { RunId = run.Id, Number = 1, Folder = $"runs/{run.Id}/attempts/1", Token = "t", StartedAt = run.CreatedAt, EndedAt = run.EndedAt };
        database.Attempts.Add(attempt);
        await database.SaveChangesAsync();

        var folder = Path.Combine(services.GetRequiredService<HubPaths>().At(attempt.Folder), "evaluations");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "last.json"), Report(f1));
        var stored = await services.GetRequiredService<MetricWriter>().WriteAsync(
            new EventBatch(new AttemptKey(attempt.Id, run.Id, 1), new ReadPosition(1, 1, 1), Events(f1)), CancellationToken.None);
        await stored;
        return run.Id;
    }

    /// <summary>More points of one curve, from step 101 on.</summary>
    public async Task AddPointsAsync(int runId, string key, int count)
    {
        var attempt = Hub.Services.GetRequiredService<MetricReader>().LatestAttempt(runId)!;
        var events = Enumerable.Range(1, count).Select(WorkerEvent (i) => new MetricsEvent
        {
            Seq = attempt.Position.LastSeq + i,
            Time = DateTimeOffset.UtcNow,
            Step = 100 + i,
            Epoch = i / 50.0,
            Values = new Dictionary<string, double> { [key] = Math.Sin(i) },
        }).ToList();
        var stored = await Hub.Services.GetRequiredService<MetricWriter>().WriteAsync(
            new EventBatch(new AttemptKey(attempt.AttemptId, runId, 1), new ReadPosition(2, 2, attempt.Position.LastSeq + count), events), CancellationToken.None);
        await stored;
    }

    private static List<WorkerEvent> Events(double f1)
    {
        var time = DateTimeOffset.UtcNow.AddMinutes(-10);
        List<WorkerEvent> events = [new StartedEvent { Time = time, TotalSteps = 100, Parameters = 22_713_986, TrainableParameters = 770 }];
        for (var step = 1; step <= 100; step++)
        {
            events.Add(new MetricsEvent
            {
                Time = time.AddSeconds(step),
                Step = step,
                Epoch = step / 50.0,
                Values = new Dictionary<string, double> { ["train_loss"] = 0.7 / Math.Sqrt(step), ["learning_rate"] = 5e-5 * (100 - step) / 100, ["grad_norm"] = 1 },
            });
        }

        events.Add(new MetricsEvent { Time = time.AddSeconds(50), Step = 50, Epoch = 1, Values = new Dictionary<string, double> { ["eval_loss"] = 0.4, ["eval_f1"] = f1 - 0.05, ["eval_accuracy"] = f1 - 0.05 } });
        events.Add(new MetricsEvent { Time = time.AddSeconds(100), Step = 100, Epoch = 2, Values = new Dictionary<string, double> { ["eval_loss"] = 0.3, ["eval_f1"] = f1, ["eval_accuracy"] = f1 } });
        events.Add(new LogEvent { Time = time, Text = "4096 rows read" });
        events.Add(new CheckpointEvent { Time = time, Step = 50, Path = "checkpoints/step-000050", Best = true });
        events.Add(new CheckpointEvent { Time = time, Step = 100, Path = "checkpoints/step-000100", Best = true });
        events.Add(new EvaluationEvent { Time = time, Step = 100, Path = "evaluations/last.json" });
        events.Add(new FinishedEvent { Time = time.AddSeconds(100), Step = 100, Outcome = Outcomes.Completed });
        return [.. events.Select((e, i) => e with { Seq = i + 1 })];
    }

    private static string Report(double f1) => System.Text.Json.JsonSerializer.Serialize(
        new Engine.Evaluation.EvaluationReport
        {
            Split = "validation",
            Step = 100,
            Rows = 200,
            Accuracy = f1,
            F1 = f1,
            MajorityAccuracy = 0.5,
            Classes = [new("negative", f1, f1, f1, 100), new("positive", f1, f1, f1, 100)],
            Confusion = [[(int)(100 * f1), 100 - (int)(100 * f1)], [100 - (int)(100 * f1), (int)(100 * f1)]],
            Wrong = [new() { Row = 7, Text = "not bad at all", Label = "positive", Predicted = "negative", Probability = 0.93 }],
        },
        WireJson.Options);

    private static async Task<DatasetVersion> AddDataAsync(HubDbContext database, int projectId, string ownerId)
    {
        var version = new DatasetVersion
        {
            Number = 1,
            Hash = new string('a', 64),
            Rows = 300,
            InfoJson = $$"""
                {"hash":"{{new string('a', 64)}}","name":"Reviews","file_name":"reviews.csv","source_hash":"","source_bytes":1,"rows":300,"problem_rows":0,
                "columns":[{"name":"text","type":"string","role":"text"},{"name":"label","type":"string","role":"label"}],"task":"sequence_classification",
                "text_column":"text","label_column":"label","labels":["negative","positive"],"label_counts":{"negative":150,"positive":150},
                "split_counts":{"train":240,"validation":30,"test":30},"split":{},"source":{}
                }
                """,
            Task = "sequence_classification",
            CreatedAt = DateTime.UtcNow,
        };
        database.Datasets.Add(new Dataset { ProjectId = projectId, OwnerId = ownerId, Name = "Reviews", CreatedAt = DateTime.UtcNow, Versions = [version] });
        await database.SaveChangesAsync();
        return version;
    }

    /// <summary>A model's row alone; its files are the test's own matter.</summary>
    public async Task<int> AddModelAsync(string name, string hash)
    {
        await using var database = await Hub.Services.GetRequiredService<IDbContextFactory<HubDbContext>>().CreateDbContextAsync();
        var project = await database.Projects.FirstAsync();
        return (await AddModelAsync(database, project.Id, project.OwnerId, name, hash)).Id;
    }

    private static async Task<Model> AddModelAsync(HubDbContext database, int projectId, string ownerId, string name = "small-encoder", string? hash = null)
    {
        var model = new Model
        {
            ProjectId = projectId,
            OwnerId = ownerId,
            Name = name,
            Hash = hash ?? new string('b', 64),
            Parameters = 22_713_216,
            InfoJson = """
                {"architecture":"bert","hidden_size":384,"layers":6,"attention_heads":12,"intermediate_size":1536,"max_length":512,"vocabulary_size":30522,
                "parameters":22713216,"labels":["negative","positive"],"modules":{"name":"bert","parameters":22713216}}
                """,
            Source = ModelSource.Import,
            CreatedAt = DateTime.UtcNow,
        };
        database.Models.Add(model);
        await database.SaveChangesAsync();
        return model;
    }
}
