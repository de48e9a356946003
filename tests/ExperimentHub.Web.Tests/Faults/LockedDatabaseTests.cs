using System.Net;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Runs;
using Microsoft.Data.Sqlite;

namespace ExperimentHub.Web.Tests.Faults;

/// <summary>Another program holds the databases for longer than the hub waits: that is told, nothing is lost, and when it lets go all goes on.</summary>
[Collection(typeof(WholeMachine))]
public sealed class LockedDatabaseTests : IAsyncDisposable
{
    private readonly HubFactory _hub = new() { Settings = new Dictionary<string, string> { ["ExperimentHub:DatabaseTimeout"] = "00:00:01" } };

    [Fact]
    public async Task LockedDatabases_AreTold_AndWhatHappenedMeanwhileIsStoredAfterwards()
    {
        using var client = _hub.AdminClient();
        await using var worker = await PlayedWorker.StartAsync(_hub.Services);
        var writer = _hub.Services.GetRequiredService<MetricWriter>();
        worker.Write(new StartedEvent { TotalSteps = 4 });
        worker.WriteStep(1, 1.0);
        await UntilAsync(() => Steps(worker.RunId).Count == 1);

        using (Hold("metrics.db"))
        {
            worker.WriteStep(2, 0.5);
            worker.WriteStep(3, 0.25);
            await UntilAsync(() => writer.Fault is not null);
            Assert.Equal("store.locked", writer.Fault!.Code);
            var page = WebUtility.HtmlDecode(await client.GetStringAsync($"/runs/{worker.RunId}", TestContext.Current.CancellationToken));
            Assert.Contains("Another program holds the hub's database", page, StringComparison.Ordinal);
        }

        await UntilAsync(() => writer.Fault is null && Steps(worker.RunId).Count == 3);
        using (Hold("hub.db"))
        {
            worker.Write(new FinishedEvent { Outcome = Outcomes.Stopped, Step = 3 });
            await UntilAsync(() => _hub.Services.GetRequiredService<MetricReader>().Attempt(worker.AttemptId)?.Finished is not null);
            using var refused = await client.DeleteAsync($"/api/v1/runs/{worker.RunId}", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Contains("store.locked", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.Equal(RunStatus.Stopped, (await worker.EndAsync()).Status);
        Assert.Equal([1, 2, 3], Steps(worker.RunId));
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    private List<long> Steps(int run) => [.. _hub.Services.GetRequiredService<MetricReader>().Read(run, "train_loss").Points.Select(p => p.Step)];

    /// <summary>Takes the write lock as another program would.</summary>
    private Holder Hold(string database) => new(Path.Combine(_hub.DataDirectory, database));

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!holds())
        {
            await Task.Delay(50, limit.Token);
        }
    }

    private sealed class Holder : IDisposable
    {
        private readonly SqliteConnection _connection;

        public Holder(string path)
        {
            _connection = new SqliteConnection($"Data Source={path};Pooling=False");
            _connection.Open();
            Do("BEGIN IMMEDIATE");
        }

        public void Dispose()
        {
            Do("ROLLBACK");
            _connection.Dispose();
        }

        private void Do(string sql)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
