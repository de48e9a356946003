using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Runs;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Tests.Runs;

/// <summary>Following runs from outside a page, over SignalR.</summary>
public sealed class RunsHubTests(HubFactory hub) : IClassFixture<HubFactory>
{
    [Fact]
    public async Task Follow_GivesEveryPointOnce_AndEndsWithTheRun()
    {
        await using var connection = await ConnectAsync();
        var (run, attempt) = await AddRunAsync();
        await WriteAsync(attempt, 1, Metrics(1, 0.9), Metrics(2, 0.8));
        var notices = connection.StreamAsync<RunNotice>("Follow", run, 0L).GetAsyncEnumerator();
        Assert.True(await notices.MoveNextAsync());
        var first = notices.Current;

        await WriteAsync(attempt, 3, Metrics(3, 0.7));
        await SetStatusAsync(run, RunStatus.Finished);
        hub.Services.GetRequiredService<Workers.HubEvents>().Publish(Workers.HubEvents.Run(run));
        var later = new List<RunNotice>();
        while (await notices.MoveNextAsync())
        {
            later.Add(notices.Current);
        }

        Assert.Equal([1, 2], Assert.Single(first.NewPoints).Steps);
        Assert.Equal([3], later.SelectMany(n => n.NewPoints).SelectMany(p => p.Steps));
        Assert.Equal(RunStatus.Finished, later[^1].Run.Status);
    }

    [Fact]
    public async Task Follow_OfARunThatIsNotThere_IsRefusedWithAReason()
    {
        await using var connection = await ConnectAsync();

        var refusal = await Assert.ThrowsAsync<HubException>(async () => await connection.StreamAsync<RunNotice>("Follow", 987654, 0L).GetAsyncEnumerator().MoveNextAsync());

        Assert.Contains("no such run", refusal.Message, StringComparison.Ordinal);
    }

    private async Task<HubConnection> ConnectAsync()
    {
        using var client = hub.CreateClient();
        var connection = new HubConnectionBuilder()
            .WithUrl(new Uri(hub.Server.BaseAddress, "hubs/runs"), o =>
            {
                o.HttpMessageHandlerFactory = _ => hub.Server.CreateHandler();
                o.Transports = HttpTransportType.LongPolling;
                o.Headers["Authorization"] = "Bearer " + HubFactory.AdminKey;
            })
            .AddJsonProtocol(o => WireJson.Apply(o.PayloadSerializerOptions))
            .Build();
        await connection.StartAsync();
        return connection;
    }

    private async Task<(int Run, AttemptKey Attempt)> AddRunAsync()
    {
        await using var database = await hub.Services.GetRequiredService<IDbContextFactory<HubDbContext>>().CreateDbContextAsync();
        var project = await database.Projects.FirstAsync();
        var data = new DatasetVersion { Number = 1, Hash = new string('a', 64), InfoJson = "{}", CreatedAt = DateTime.UtcNow };
        database.Datasets.Add(new Dataset { ProjectId = project.Id, OwnerId = project.OwnerId, Name = "d", CreatedAt = DateTime.UtcNow, Versions = [data] });
        await database.SaveChangesAsync();
        var run = new Run
        {
            ProjectId = project.Id,
            OwnerId = project.OwnerId,
            Name = "followed",
            Status = RunStatus.Running,
            ConfigJson = """{"name":"followed"}""",
            DatasetVersionId = data.Id,
            ModelId = 1,
            AttemptCount = 1,
            CreatedAt = DateTime.UtcNow,
        };
        database.Runs.Add(run);
        await database.SaveChangesAsync();
        return (run.Id, new AttemptKey(1000 + run.Id, run.Id, 1));
    }

    private async Task WriteAsync(AttemptKey attempt, long firstSeq, params WorkerEvent[] events)
    {
        var numbered = events.Select((e, i) => e with { Seq = firstSeq + i }).ToList();
        var last = numbered[^1].Seq;
        var stored = await hub.Services.GetRequiredService<MetricWriter>().WriteAsync(new EventBatch(attempt, new ReadPosition(last, last, last), numbered), CancellationToken.None);
        await stored;
    }

    private async Task SetStatusAsync(int run, RunStatus status)
    {
        await using var database = await hub.Services.GetRequiredService<IDbContextFactory<HubDbContext>>().CreateDbContextAsync();
        await database.Runs.Where(r => r.Id == run).ExecuteUpdateAsync(s => s.SetProperty(r => r.Status, status));
    }

    private static MetricsEvent Metrics(long step, double value) =>
        new() { Step = step, Time = DateTimeOffset.UtcNow, Values = new Dictionary<string, double> { ["train_loss"] = value } };
}
