using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Runs;
using ExperimentHub.Web.Workers;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Benchmarks;

/// <summary>
/// The hub as a process of its own, with runs that report as workers do (an events file that grows) though nothing trains: what is
/// measured is the hub, not the trainings beside it.
/// </summary>
internal sealed class LiveHub : IAsyncDisposable
{
    public const string Email = "bench@example.org";
    public const string Password = "four words will do";
    public const string Key = "benchmark-key-of-more-than-32-characters";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("experimenthub-bench-");
    private readonly Process _worker = Process.Start("sleep", "100000");   // what the hub takes for the workers: alive, and safe to be killed
    private readonly List<(JobFolder Folder, string Token)> _attempts = [];
    private Process? _hub;

    public string Address { get; private set; } = "";

    public int ProcessId => _hub!.Id;

    public static async Task<LiveHub> StartAsync(int runs)
    {
        var live = new LiveHub();
        await live.LaunchAsync();   // makes the databases and the administrator
        await live.EndAsync();
        await live.AddRunsAsync(runs);
        await live.LaunchAsync();
        return live;
    }

    /// <summary>Every run reports <paramref name="rate"/> times a second until told to stop. Gives the time at which each step of the first run was written.</summary>
    public async Task<IReadOnlyList<DateTimeOffset>> ReportAsync(double rate, CancellationToken stop)
    {
        var written = new List<DateTimeOffset>();
        var writers = _attempts.ConvertAll(a => new StreamWriter(a.Folder.EventsFile, append: true) { AutoFlush = true });
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1 / rate / writers.Count));
        try
        {
            for (var turn = 0; await timer.WaitForNextTickAsync(stop); turn++)
            {
                var run = turn % writers.Count;   // one after the other, as real workers do not wait for each other
                var step = (turn / writers.Count) + 1;
                WorkerEvent line = Metrics(step) with { Token = _attempts[run].Token };
                await writers[run].WriteAsync(JsonSerializer.Serialize(line, WireJson.Options) + "\n");
                if (run == 0)
                {
                    written.Add(DateTimeOffset.UtcNow);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }

        writers.ForEach(w => w.Dispose());
        return written;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _worker.Kill();
        _worker.Dispose();
        _data.Delete(recursive: true);
    }

    private static MetricsEvent Metrics(int step) => new()
    {
        Seq = step + 1,
        Time = DateTimeOffset.UtcNow,
        Step = step,
        Epoch = step / 1000.0,
        Tokens = 427L * step,
        Values = new Dictionary<string, double>
        {
            ["train_loss"] = (0.7 / Math.Sqrt(step)) + (0.01 * Math.Sin(step)),
            ["learning_rate"] = 5e-5 / step,
            ["grad_norm"] = 1 + Math.Cos(step),
            ["tokens_per_second"] = 2000 + (10 * Math.Sin(step)),
            ["samples_per_second"] = 120,
            ["memory_mb"] = 900,
            ["cpu_percent"] = 190,
            ["padding_share"] = 0.04,
            ["epoch_share"] = step / 1000.0,
            ["seconds_per_step"] = 0.25,
        },
    };

    private async Task LaunchAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ExperimentHub.Web.dll"), "--urls", "http://127.0.0.1:0", $"--ExperimentHub:DataDirectory={_data.FullName}"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["ExperimentHub__Admin__Email"] = Email;
        start.Environment["ExperimentHub__Admin__Password"] = Password;
        start.Environment["ExperimentHub__Admin__ApiKey"] = Key;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        _hub = Process.Start(start)!;
        while (await _hub.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ExperimentHub is at ", StringComparison.Ordinal))
            {
                Address = line.Split(' ')[3];
                _ = _hub.StandardOutput.ReadToEndAsync();
                return;
            }
        }

        throw new InvalidOperationException("The hub did not start.");
    }

    private async Task EndAsync()
    {
        if (_hub is not null)
        {
            _hub.Kill();
            await _hub.WaitForExitAsync();
            _hub.Dispose();
            _hub = null;
        }
    }

    private async Task AddRunsAsync(int runs)
    {
        await using var database = new HubDbContext(new DbContextOptionsBuilder<HubDbContext>().UseSqlite($"Data Source={Path.Combine(_data.FullName, "hub.db")}").Options);
        var project = await database.Projects.FirstAsync();
        var dataset = new Dataset { ProjectId = project.Id, OwnerId = project.OwnerId, Name = "Reviews", CreatedAt = DateTime.UtcNow };
        var version = new DatasetVersion { Dataset = dataset, Number = 1, Hash = new string('a', 64), Rows = 60_614, InfoJson = "{}", Task = "sequence_classification", CreatedAt = DateTime.UtcNow };
        var model = new Model { ProjectId = project.Id, OwnerId = project.OwnerId, Name = "encoder", Hash = new string('b', 64), Parameters = 22_713_216, InfoJson = "{}", Source = ModelSource.Import, CreatedAt = DateTime.UtcNow };
        database.AddRange(version, model);
        await database.SaveChangesAsync();
        var started = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{_worker.Id}/stat")).Split(") ")[1].Split(' ')[19];
        for (var i = 1; i <= runs; i++)
        {
            var run = new Run
            {
                ProjectId = project.Id,
                OwnerId = project.OwnerId,
                Name = $"live-{i}",
                Status = RunStatus.Running,
                DatasetVersionId = version.Id,
                ModelId = model.Id,
                Color = i % 10,
                AttemptCount = 1,
                ConfigJson = $$"""{"name":"live-{{i}}","model":"{{model.Hash}}","dataset":"{{version.Hash}}"}""",
                CreatedAt = DateTime.UtcNow,
                StartedAt = DateTime.UtcNow,
            };
            database.Runs.Add(run);
            await database.SaveChangesAsync();
            var attempt = new Attempt
            {
                RunId = run.Id,
                Number = 1,
                Folder = $"runs/{run.Id}/attempts/1",
                Token = $"token-{i}",
                StartedAt = DateTime.UtcNow,
                Pid = _worker.Id,
                ProcessStart = long.Parse(started, CultureInfo.InvariantCulture),
            };
            database.Attempts.Add(attempt);
            var folder = new JobFolder(Path.Combine(_data.FullName, attempt.Folder));
            Directory.CreateDirectory(folder.Path);
            WorkerEvent first = new StartedEvent { Seq = 1, Token = attempt.Token, Time = DateTimeOffset.UtcNow, TotalSteps = 100_000, Parameters = 22_713_986, TrainableParameters = 22_713_986 };
            await File.WriteAllTextAsync(folder.EventsFile, JsonSerializer.Serialize(first, WireJson.Options) + "\n");
            _attempts.Add((folder, attempt.Token));
        }

        await database.SaveChangesAsync();
    }
}
