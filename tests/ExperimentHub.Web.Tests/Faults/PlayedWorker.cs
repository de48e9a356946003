using System.Diagnostics;
using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Runs;
using ExperimentHub.Web.Workers;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Tests.Faults;

/// <summary>A run whose worker the test plays: it writes the events, and a sleeping process has the worker's number.</summary>
internal sealed class PlayedWorker : IAsyncDisposable
{
    private const string Token = "played";

    private readonly IServiceProvider _services;
    private readonly Process _process;
    private long _seq;

    private PlayedWorker(IServiceProvider services, Process process, int runId, int attemptId, JobFolder folder) =>
        (_services, _process, RunId, AttemptId, Folder) = (services, process, runId, attemptId, folder);

    public int RunId { get; }

    public int AttemptId { get; }

    public JobFolder Folder { get; }

    public bool IsAlive => !_process.HasExited;

    /// <summary>A running run that the hub follows.</summary>
    public static async Task<PlayedWorker> StartAsync(IServiceProvider services)
    {
        await using var database = await services.GetRequiredService<IDbContextFactory<HubDbContext>>().CreateDbContextAsync();
        var project = await database.Projects.FirstAsync();
        var version = new DatasetVersion { Number = 1, Hash = new string('a', 64), Rows = 10, InfoJson = "{}", CreatedAt = DateTime.UtcNow };
        database.Datasets.Add(new Dataset { ProjectId = project.Id, OwnerId = project.OwnerId, Name = $"rows {Guid.NewGuid()}", CreatedAt = DateTime.UtcNow, Versions = [version] });
        var model = new Model { ProjectId = project.Id, OwnerId = project.OwnerId, Name = "small", Hash = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()).PadLeft(64, 'b'), InfoJson = "{}", Source = ModelSource.Import, CreatedAt = DateTime.UtcNow };
        database.Models.Add(model);
        await database.SaveChangesAsync();
        var run = new Run
        {
            ProjectId = project.Id,
            OwnerId = project.OwnerId,
            Name = "played",
            Status = RunStatus.Running,
            ConfigJson = """{"name":"played"}""",
            DatasetVersionId = version.Id,
            ModelId = model.Id,
            AttemptCount = 1,
            CreatedAt = DateTime.UtcNow,
            StartedAt = DateTime.UtcNow,
        };
        database.Runs.Add(run);
        await database.SaveChangesAsync();
        var process = Process.Start(new ProcessStartInfo("sleep", ["3600"]))!;
        var attempt = new Attempt { RunId = run.Id, Number = 1, Folder = $"runs/{run.Id}/attempts/1", Token = Token, StartedAt = DateTime.UtcNow, Pid = process.Id, ProcessStart = 0 };
        database.Attempts.Add(attempt);
        await database.SaveChangesAsync();
        var folder = new JobFolder(services.GetRequiredService<HubPaths>().At(attempt.Folder));
        Directory.CreateDirectory(folder.Path);
        services.GetRequiredService<AttemptFollower>().Follow(attempt);
        return new PlayedWorker(services, process, run.Id, attempt.Id, folder);
    }

    /// <summary>Appends an event as a worker would; <paramref name="time"/> is what its clock says.</summary>
    public void Write(WorkerEvent e, DateTimeOffset? time = null) =>
        File.AppendAllText(Folder.EventsFile, JsonSerializer.Serialize(e with { Seq = ++_seq, Token = Token, Time = time ?? DateTimeOffset.UtcNow }, WireJson.Options) + "\n");

    public void WriteStep(long step, double loss, DateTimeOffset? time = null) =>
        Write(new MetricsEvent { Step = step, Values = new Dictionary<string, double> { ["train_loss"] = loss } }, time);

    /// <summary>Ends the process, with what it said on stderr before.</summary>
    public async Task DieAsync(string lastWords = "")
    {
        await File.WriteAllTextAsync(Folder.StandardError, lastWords);
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>The run when the hub has ended it.</summary>
    public async Task<Run> EndAsync(Action? meanwhile = null)
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            var run = (await _services.GetRequiredService<RunService>().FindAsync(RunId))!;
            if (run.Status is not (RunStatus.Running or RunStatus.Stopping))
            {
                return run;
            }

            Assert.True(limit.Elapsed < TimeSpan.FromSeconds(90), "The run is stuck.");
            meanwhile?.Invoke();
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
