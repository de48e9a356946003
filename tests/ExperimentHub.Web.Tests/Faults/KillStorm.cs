using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Workers;
using Microsoft.Data.Sqlite;

namespace ExperimentHub.Web.Tests.Faults;

/// <summary>A hub with three runs in training that are killed and resumed again and again, and what such runs must come to.</summary>
internal sealed class KillStorm : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private static readonly int[] s_seeds = [11, 12, 13];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-test-");
    private readonly Random _random;
    private readonly Dictionary<int, Uncut> _uncut = [];
    private readonly List<StormRun> _runs = [];
    private readonly Dictionary<string, int> _reasons = [];
    private HubProcess _hub = null!;
    private int _dataset;
    private int _model;
    private int _hubKills;
    private int _workerKills;
    private int _resumed;

    private KillStorm(int seed) => _random = new Random(seed);

    public string Address => _hub.Address;

    public int LastRun => Current.First().Id;

    /// <summary>The newest run of each slot.</summary>
    private IEnumerable<StormRun> Current => s_seeds.Select(seed => _runs.Last(r => r.Seed == seed));

    public string Summary =>
        $"{_hubKills + _workerKills} kills ({_hubKills} of the hub, {_workerKills} of workers), {_runs.Count} runs, {_resumed} resumes; reasons told: "
        + string.Join(", ", _reasons.OrderByDescending(r => r.Value).Select(r => $"{r.Value} × {r.Key}"));

    /// <summary>Starts the hub, trains each configuration once without a fault, and starts the three runs.</summary>
    public static async Task<KillStorm> BeginAsync(int seed)
    {
        var storm = new KillStorm(seed);
        await storm.PrepareAsync();
        return storm;
    }

    /// <summary>Kills hub or worker so many times at random moments; what has failed is resumed, what has finished makes room for another run.</summary>
    public async Task KillAsync(int kills)
    {
        while (_hubKills + _workerKills < kills)
        {
            await Task.Delay(_random.Next(100, 1500));
            await TendAsync(startNew: true);
            var dice = _random.Next(10);
            if (dice < 7)
            {
                KillWorker();
            }

            if (dice >= 6)
            {
                await CheckConfirmedAsync();
                await _hub.KillAsync();
                _hubKills++;
                await _hub.DisposeAsync();
                await Task.Delay(_random.Next(0, 300));   // what the workers write meanwhile must be found
                _hub = await StartHubAsync(new Uri(_hub.Address).Port);
            }
        }
    }

    public async Task LetAllFinishAsync()
    {
        var limit = Stopwatch.StartNew();
        while (!await TendAsync(startNew: false))
        {
            Assert.True(limit.Elapsed < s_limit, "A run is stuck: " + string.Join("; ", (await Task.WhenAll(Current.Select(r => _hub.GetAsync($"/api/v1/runs/{r.Id}")))).Select(r => r.ToJsonString())));
            await Task.Delay(100);
        }
    }

    /// <summary>All runs ever started: stored is what was written, shown is what an uncut run shows, and the weights are the same bits.</summary>
    public async Task CheckAsync()
    {
        foreach (var run in _runs)
        {
            var told = await _hub.GetAsync($"/api/v1/runs/{run.Id}");
            Assert.True((string?)told["status"] == "finished", told.ToJsonString());
            Assert.Equal(_uncut[run.Seed].Curve, await CurveAsync(run.Id));
            Assert.Equal(_uncut[run.Seed].Hash, await HashAsync(told));
            for (var attempt = 1; attempt <= (int)told["attempt"]!; attempt++)
            {
                Assert.Equal(StoredMetrics.Written(_directory.FullName, run.Id, attempt), StoredMetrics.Stored(_directory.FullName, run.Id, attempt));
            }
        }

        Assert.Empty(LivingWorkers());
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        foreach (var worker in LivingWorkers())
        {
            WorkerLauncher.Kill(new ProcessIdentity(worker, 0));
        }

        SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }

    private async Task PrepareAsync()
    {
        _hub = await StartHubAsync(0);
        _dataset = await _hub.JobAsync("/api/v1/datasets", new { sample = "sentiment-zh", name = "opinions" });
        var version = (await _hub.GetAsync($"/api/v1/datasets/{_dataset}"))["versions"]![0]!["id"];
        _model = await _hub.JobAsync("/api/v1/models", new { preset = "tiny", dataset = version, name = "tiny" });
        foreach (var (seed, id) in await Task.WhenAll(s_seeds.Select(async seed => (seed, await StartAsync(seed)))))
        {
            var run = await _hub.RunAsync(id, r => (string?)r["status"] is not ("queued" or "starting" or "running"));
            Assert.True((string?)run["status"] == "finished", run.ToJsonString());
            _uncut[seed] = new Uncut((await HashAsync(run))!, await CurveAsync(id));
        }

        Assert.Equal(s_seeds.Length, _uncut.Values.Select(u => u.Hash).Distinct().Count());   // so that a mixed-up run would be seen
        await TendAsync(startNew: true);
    }

    private Task<HubProcess> StartHubAsync(int port) =>
        HubProcess.StartAsync(_directory.FullName, port, "--ExperimentHub:Workers:TrainingSlots=3", "--ExperimentHub:Workers:Threads=1");

    private async Task<int> StartAsync(int seed)
    {
        var config = new { name = $"seed {seed}", dataset = _dataset, model = _model, epochs = 10, batch_size = 16, max_length = 32, logging_steps = 1, save_steps = 10, precision = "fp32", seed };
        return (int)(await _hub.PostAsync("/api/v1/runs", new { config }))["id"]!;
    }

    /// <summary>Resumes what has failed; true when all three have finished.</summary>
    private async Task<bool> TendAsync(bool startNew)
    {
        var finished = 0;
        foreach (var seed in s_seeds)
        {
            var run = _runs.LastOrDefault(r => r.Seed == seed);
            var told = run is null ? null : await _hub.GetAsync($"/api/v1/runs/{run.Id}");
            switch ((string?)told?["status"])
            {
                case null or "finished" when startNew:
                    _runs.Add(new StormRun(await StartAsync(seed), seed));
                    break;
                case "finished":
                    finished++;
                    break;
                case "failed":
                    var reason = (string)told!["error"]!;
                    _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
                    await _hub.PostAsync($"/api/v1/runs/{run!.Id}/resume", new { });
                    _resumed++;
                    break;
            }
        }

        return finished == s_seeds.Length;
    }

    /// <summary>Kills the worker of one of the three runs, if one lives at this moment.</summary>
    private void KillWorker()
    {
        var workers = LivingWorkers();
        if (workers.Count > 0)
        {
            WorkerLauncher.Kill(new ProcessIdentity(workers[_random.Next(workers.Count)], 0));
            _workerKills++;
        }
    }

    /// <summary>What the hub tells now is the beginning of the curve of an uncut run: nothing missing, nothing twice.</summary>
    private async Task CheckConfirmedAsync()
    {
        foreach (var run in Current)
        {
            var curve = await CurveAsync(run.Id);
            Assert.Equal(_uncut[run.Seed].Curve.Take(curve.Count), curve);
        }
    }

    /// <summary>Steps and values of the training loss as the hub tells them.</summary>
    private async Task<List<(long Step, double Value)>> CurveAsync(int id)
    {
        var told = (await _hub.GetAsync($"/api/v1/runs/{id}/metrics?keys=train_loss&max_points=10000")).AsArray();
        return told.Count == 0 ? [] : [.. told[0]!["steps"]!.AsArray().Zip(told[0]!["values"]!.AsArray(), (s, v) => ((long)s!, v.Deserialize<double>(WireJson.Options)))];
    }

    private async Task<string?> HashAsync(JsonNode run) => (string?)(await _hub.GetAsync($"/api/v1/models/{run["result_model_id"]}"))["hash"];

    /// <summary>The worker processes of this data directory, whether a hub knows of them or not.</summary>
    private List<int> LivingWorkers() =>
        [.. Process.GetProcessesByName("dotnet").Where(p => CommandLine(p.Id).Contains(Path.Combine(_directory.FullName, "runs"), StringComparison.Ordinal)).Select(p => p.Id).Order()];

    private static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (IOException)
        {
            return "";   // it has just ended
        }
    }

    private sealed record StormRun(int Id, int Seed);

    private sealed record Uncut(string Hash, List<(long Step, double Value)> Curve);
}
