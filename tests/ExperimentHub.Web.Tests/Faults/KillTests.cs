using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Workers;
using Microsoft.Data.Sqlite;

namespace ExperimentHub.Web.Tests.Faults;

/// <summary>Hub and workers killed in mid-training: nothing confirmed is lost or doubled, and a resumed run equals one that was never cut.</summary>
[Collection(typeof(WholeMachine))]
public sealed class KillTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-test-");
    private HubProcess _hub = null!;
    private int _dataset;
    private int _model;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubProcess.StartAsync(_directory.FullName);
        _dataset = await _hub.JobAsync("/api/v1/datasets", new { sample = "sentiment-zh", name = "opinions" });
        var version = (await _hub.GetAsync($"/api/v1/datasets/{_dataset}"))["versions"]![0]!["id"];
        _model = await _hub.JobAsync("/api/v1/models", new { preset = "tiny", dataset = version, name = "tiny" });
    }

    [Fact]
    public async Task KilledHub_LosesAndDoublesNothing()
    {
        var id = await StartAsync("hub is killed");
        await _hub.RunAsync(id, r => (long?)r["step"] >= 20);

        for (var i = 0; i < 3; i++)
        {
            await _hub.KillAsync();
            await _hub.DisposeAsync();
            _hub = await HubProcess.StartAsync(_directory.FullName);
            await Task.Delay(200 * i);
        }

        var run = await _hub.RunAsync(id, HasEnded);
        Assert.Equal("finished", (string?)run["status"]);
        Assert.Equal(1, (int)run["attempt"]!);
        Assert.Equal(Written(id, 1), await StoredAsync(id));
    }

    [Fact]
    public async Task KilledWorker_IsSaidSo_AndTheResumedRunEqualsAnUncutOne()
    {
        var uncut = await _hub.RunAsync(await StartAsync("uncut"), HasEnded);
        var id = await StartAsync("worker is killed");
        await _hub.RunAsync(id, r => (long?)r["step"] >= 30);
        WorkerLauncher.Kill(Process(id));

        var failed = await _hub.RunAsync(id, HasEnded);
        await _hub.PostAsync($"/api/v1/runs/{id}/resume", new { });
        var resumed = await _hub.RunAsync(id, r => (int)r["attempt"]! == 2 && HasEnded(r));

        Assert.Equal("failed", (string?)failed["status"]);
        Assert.Contains("killed", (string?)failed["error"], StringComparison.Ordinal);
        Assert.Equal("finished", (string?)resumed["status"]);
        Assert.Equal(await HashAsync(uncut), await HashAsync(resumed));
        Assert.Equal(await StoredAsync((int)uncut["id"]!), await StoredAsync(id));
    }

    [Fact]
    public async Task DamagedCheckpoints_ArePassedOver_AndTheRunGoesOnFromTheOneBefore()
    {
        var id = await StartAsync("damaged");
        await _hub.RunAsync(id, r => (long?)r["step"] >= 45);
        await _hub.PostAsync($"/api/v1/runs/{id}/stop", new { });
        await _hub.RunAsync(id, HasEnded);
        var folder = Path.Combine(_directory.FullName, "runs", $"{id}", "attempts", "1", "checkpoints");
        var checkpoints = CheckpointNames.In(folder);
        TurnOneBit(Path.Combine(folder, checkpoints[0], "model.safetensors"));
        CutInHalf(Path.Combine(folder, checkpoints[1], "trainer_state.json"));

        await _hub.PostAsync($"/api/v1/runs/{id}/resume", new { });
        var resumed = await _hub.RunAsync(id, r => (int)r["attempt"]! == 2 && HasEnded(r));

        Assert.Equal("finished", (string?)resumed["status"]);
        Assert.Equal(checkpoints[2], CheckpointNames.Of((long)Events(id, 2).First(e => (string?)e["type"] == "started")["step"]!));
        var warnings = Events(id, 2).Where(e => (string?)e["level"] == "warning").Select(e => (string?)e["text"]).ToList();
        Assert.Contains($"The checkpoint {checkpoints[0]} is damaged (model.safetensors) and is passed over.", warnings);
        Assert.Contains($"The checkpoint {checkpoints[1]} is damaged (trainer_state.json) and is passed over.", warnings);
        var uncut = await _hub.RunAsync(await StartAsync("uncut"), HasEnded);
        Assert.Equal(await HashAsync(uncut), await HashAsync(resumed));
    }

    [Fact]
    public async Task StoppedRun_KeepsItsCheckpoint_AndGoesOn()
    {
        var id = await StartAsync("stopped");
        await _hub.RunAsync(id, r => (long?)r["step"] >= 15);

        await _hub.PostAsync($"/api/v1/runs/{id}/stop", new { });
        var stopped = await _hub.RunAsync(id, HasEnded);
        await _hub.PostAsync($"/api/v1/runs/{id}/resume", new { });
        var resumed = await _hub.RunAsync(id, r => (int)r["attempt"]! == 2 && HasEnded(r));

        Assert.Equal("stopped", (string?)stopped["status"]);
        Assert.Equal("finished", (string?)resumed["status"]);
        var started = Events(id, 2).First(e => (string?)e["type"] == "started");
        Assert.True((long)started["step"]! >= 15, started.ToJsonString());
    }

    [Fact]
    public async Task StopThatTheHubCouldNotSend_IsSentByTheNext()
    {
        var id = await StartAsync("stop is lost", epochs: 1000);
        await _hub.RunAsync(id, r => (long?)r["step"] >= 15);
        await _hub.KillAsync();
        await _hub.DisposeAsync();
        Execute($"UPDATE Runs SET Status='Stopping' WHERE Id={id}");   // the hub died after this line and before the next

        _hub = await HubProcess.StartAsync(_directory.FullName);

        Assert.Equal("stopped", (string?)(await _hub.RunAsync(id, HasEnded))["status"]);
    }

    [Fact]
    public async Task SecondHub_OnTheSameDirectory_SaysSoAndStops()
    {
        var (exitCode, errors) = await HubProcess.StartRefusedAsync(_directory.FullName);

        Assert.Equal(1, exitCode);
        Assert.Contains("Another ExperimentHub", errors, StringComparison.Ordinal);
        Assert.Equal("ok", (string?)(await _hub.GetAsync("/health"))["status"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }

    private async Task<int> StartAsync(string name, int epochs = 8)
    {
        var config = new { name, dataset = _dataset, model = _model, epochs, batch_size = 16, max_length = 32, logging_steps = 1, save_steps = 10, keep_checkpoints = 3, precision = "fp32", seed = 7 };
        return (int)(await _hub.PostAsync("/api/v1/runs", new { config }))["id"]!;
    }

    private static void CutInHalf(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.SetLength(file.Length / 2);
    }

    private static void TurnOneBit(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length / 2;
        var value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 1));
    }

    private static bool HasEnded(JsonNode run) => (string?)run["status"] is "finished" or "failed" or "stopped" or "cancelled";

    private async Task<string?> HashAsync(JsonNode run) => (string?)(await _hub.GetAsync($"/api/v1/models/{run["result_model_id"]}"))["hash"];

    /// <summary>Steps and values of the training loss as the hub tells them.</summary>
    private async Task<List<(long Step, double Value)>> StoredAsync(int id)
    {
        var series = (await _hub.GetAsync($"/api/v1/runs/{id}/metrics?keys=train_loss&max_points=10000"))[0]!;
        return [.. series["steps"]!.AsArray().Zip(series["values"]!.AsArray(), (s, v) => ((long)s!, v.Deserialize<double>(WireJson.Options)))];
    }

    /// <summary>The same as the worker wrote them.</summary>
    private List<(long Step, double Value)> Written(int id, int attempt) =>
        [.. Events(id, attempt).Where(e => (string?)e["type"] == "metrics" && e["values"]!["train_loss"] is not null)
            .Select(e => ((long)e["step"]!, e["values"]!["train_loss"].Deserialize<double>(WireJson.Options)))];

    private IEnumerable<JsonNode> Events(int id, int attempt) =>
        File.ReadLines(Path.Combine(_directory.FullName, "runs", $"{id}", "attempts", $"{attempt}", "events.jsonl")).Select(l => JsonNode.Parse(l)!);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.FullName, "hub.db")}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    private ProcessIdentity Process(int runId)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.FullName, "hub.db")};Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT Pid, ProcessStart FROM Attempts WHERE RunId={runId} ORDER BY Number DESC LIMIT 1";
        using var row = command.ExecuteReader();
        Assert.True(row.Read());
        return new ProcessIdentity(row.GetInt32(0), row.GetInt64(1));
    }
}
