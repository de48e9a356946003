using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Runs;

namespace ExperimentHub.Web.Tests.Faults;

/// <summary>Each way in which a worker can go wrong is told on the run's page in one sentence, in both languages, and the run can be resumed.</summary>
public sealed class WorkerFaultTests(WorkerFaultTests.ImpatientHub fixture) : IClassFixture<WorkerFaultTests.ImpatientHub>
{
    private readonly HubFactory _hub = fixture.Hub;

    [Fact]
    public async Task NoHeartbeat_TheWorkerIsEnded()
    {
        await using var worker = await PlayedWorker.StartAsync(_hub.Services);
        worker.Write(new StartedEvent { TotalSteps = 100 });
        worker.WriteStep(1, 0.9);

        await ShowsAsync(await worker.EndAsync(), "worker.no_heartbeat", "gave no sign of life for 10 s", "10 秒没有心跳");

        Assert.False(worker.IsAlive);
        Assert.Equal([1], Steps(worker.RunId));
    }

    [Fact]
    public async Task HeartbeatsWithoutSteps_TheWorkerIsEnded()
    {
        await using var worker = await PlayedWorker.StartAsync(_hub.Services);
        worker.Write(new StartedEvent { TotalSteps = 100 });
        for (var step = 1; step <= 3; step++)
        {
            worker.WriteStep(step, 0.9);
            worker.Write(new ProgressEvent { Stage = "training", Done = step, Total = 100 });
        }

        var run = await worker.EndAsync(meanwhile: () => worker.Write(new HeartbeatEvent { Step = 3 }));

        await ShowsAsync(run, "worker.hung", "did not get any further", "没有进展");
        Assert.False(worker.IsAlive);
    }

    [Theory]
    [InlineData("terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc", "worker.out_of_memory", "ran out of memory", "内存不足")]
    [InlineData("Out of memory.", "worker.out_of_memory", "ran out of memory", "内存不足")]
    [InlineData("System.IO.IOException: No space left on device : '/data/x'", "worker.disk_full", "The disk is full", "磁盘已满")]
    [InlineData("", "worker.killed", "ended without a word", "突然结束")]
    [InlineData("Unhandled exception. System.Exception: boom", "worker.died", "boom", "意外结束")]
    public async Task DeadWorker_IsExplainedByItsLastWords(string lastWords, string code, string english, string chinese)
    {
        await using var worker = await PlayedWorker.StartAsync(_hub.Services);
        worker.Write(new StartedEvent { TotalSteps = 100 });

        await worker.DieAsync(lastWords);

        await ShowsAsync(await worker.EndAsync(), code, english, chinese);
    }

    [Fact]
    public async Task ClockSetBack_KeepsTheOrderOfPoints_AndTheRunEnds()
    {
        await using var worker = await PlayedWorker.StartAsync(_hub.Services);
        var time = DateTimeOffset.UtcNow;
        worker.Write(new StartedEvent { TotalSteps = 6 }, time);
        for (var step = 1; step <= 6; step++)
        {
            worker.WriteStep(step, 1.0 / step, step <= 3 ? time.AddSeconds(step) : time.AddHours(-2).AddSeconds(step));
        }

        worker.Write(new FinishedEvent { Outcome = Outcomes.Stopped, Step = 6 }, time.AddHours(-2).AddSeconds(7));
        var run = await worker.EndAsync();

        Assert.Equal(RunStatus.Stopped, run.Status);
        Assert.Equal([1, 2, 3, 4, 5, 6], Steps(worker.RunId));
        var summary = Assert.Single(_hub.Services.GetRequiredService<MetricReader>().Summaries(worker.RunId));
        Assert.Equal((6, 1.0 / 6), (summary.LastStep, summary.Last));
        using var client = _hub.AdminClient();
        Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetAsync($"/runs/{worker.RunId}", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task EventsFileThatLostItsEnd_IsToldAndEndsTheAttempt()
    {
        await using var worker = await PlayedWorker.StartAsync(_hub.Services);
        worker.Write(new StartedEvent { TotalSteps = 100 });
        worker.WriteStep(1, 0.9);
        while (_hub.Services.GetRequiredService<MetricReader>().Attempt(worker.AttemptId)?.Step != 1)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        using (var file = new FileStream(worker.Folder.EventsFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(file.Length / 2);
        }

        await ShowsAsync(await worker.EndAsync(), "worker.events_lost", "lost its end", "丢失了末尾");
        Assert.Equal([1], Steps(worker.RunId));   // what was confirmed stays
    }

    private List<long> Steps(int run) => [.. _hub.Services.GetRequiredService<MetricReader>().Read(run, "train_loss").Points.Select(p => p.Step)];

    private async Task ShowsAsync(Run run, string code, string english, string chinese)
    {
        Assert.Equal((RunStatus.Failed, code), (run.Status, run.ErrorCode));
        Assert.Contains(english, run.Error, StringComparison.Ordinal);
        using var client = _hub.AdminClient();
        Assert.Contains(english, await PageAsync(client, run.Id, "en"), StringComparison.Ordinal);
        Assert.Contains(chinese, await PageAsync(client, run.Id, "zh"), StringComparison.Ordinal);
        Assert.True(await _hub.Services.GetRequiredService<RunService>().ResumeAsync(run.Id));
    }

    private static async Task<string> PageAsync(HttpClient client, int run, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{run}");
        request.Headers.AcceptLanguage.ParseAdd(language);
        using var answer = await client.SendAsync(request);
        return System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A hub that waits seconds where others wait a minute, and has no worker to start.</summary>
    public sealed class ImpatientHub : IAsyncDisposable
    {
        public HubFactory Hub { get; } = new()
        {
            Settings = new Dictionary<string, string>
            {
                ["ExperimentHub:Workers:HeartbeatTimeout"] = "00:00:10",
                ["ExperimentHub:Workers:HangTimeout"] = "00:00:02",
                ["ExperimentHub:Workers:Assembly"] = "no-worker-here.dll",
            },
        };

        public ValueTask DisposeAsync() => Hub.DisposeAsync();
    }
}
