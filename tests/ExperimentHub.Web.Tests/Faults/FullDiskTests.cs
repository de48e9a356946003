using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ExperimentHub.Web.Tests.Faults;

/// <summary>The whole data directory on a small file system that runs full in mid-training. Needs the right to mount one; skipped without.</summary>
[Collection(typeof(WholeMachine))]
public sealed class FullDiskTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-test-");
    private bool _mounted;
    private HubProcess? _hub;

    public async ValueTask InitializeAsync() =>
        _mounted = OperatingSystem.IsLinux() && await RunAsync("mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", _directory.FullName) == 0;

    [Fact]
    public async Task FullDisk_IsToldInOneSentence_AndTheRunGoesOnWhenThereIsRoom()
    {
        Assert.SkipUnless(_mounted, "This user may not mount a small file system (root may).");
        _hub = await HubProcess.StartAsync(_directory.FullName);
        var dataset = await _hub.JobAsync("/api/v1/datasets", new { sample = "sentiment-zh", name = "opinions" });
        var version = (await _hub.GetAsync($"/api/v1/datasets/{dataset}"))["versions"]![0]!["id"];
        var model = await _hub.JobAsync("/api/v1/models", new { preset = "tiny", dataset = version, name = "tiny" });
        var id = await StartAsync("full", dataset, model);
        await _hub.RunAsync(id, r => (long?)r["step"] >= 25);

        var filler = Path.Combine(_directory.FullName, "filler");
        Fill(filler);
        var told = await UntilToldAsync(id);
        File.Delete(filler);

        Assert.Contains("disk is full", told, StringComparison.OrdinalIgnoreCase);
        var run = await _hub.RunAsync(id, HasEnded);
        if ((string?)run["status"] == "failed")
        {
            await _hub.PostAsync($"/api/v1/runs/{id}/resume", new { });
            run = await _hub.RunAsync(id, r => (int)r["attempt"]! == 2 && HasEnded(r));
        }

        Assert.True((string?)run["status"] == "finished", run.ToJsonString());
        for (var attempt = 1; attempt <= (int)run["attempt"]!; attempt++)
        {
            Assert.Equal(StoredMetrics.Written(_directory.FullName, id, attempt), StoredMetrics.Stored(_directory.FullName, id, attempt));
        }

        var uncut = await _hub.RunAsync(await StartAsync("uncut", dataset, model), HasEnded);
        Assert.Equal(await HashAsync(uncut), await HashAsync(run));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(Path.Combine(_directory.FullName, "runs", $"{id}"), "*.tmp", SearchOption.AllDirectories), _ => true);
    }

    [Fact]
    public async Task FullDisk_BeforeTheFirstStart_IsToldInOneSentence()
    {
        Assert.SkipUnless(_mounted, "This user may not mount a small file system (root may).");
        var filler = Path.Combine(_directory.FullName, "filler");
        Fill(filler);

        var (exitCode, errors) = await HubProcess.StartRefusedAsync(_directory.FullName);
        File.Delete(filler);
        _hub = await HubProcess.StartAsync(_directory.FullName);

        Assert.Equal(1, exitCode);
        Assert.Contains("The disk is full", errors, StringComparison.Ordinal);
        Assert.Equal("ok", (string?)(await _hub.GetAsync("/health"))["status"]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        if (_mounted)
        {
            await RunAsync("umount", "-l", _directory.FullName);
        }

        _directory.Delete(recursive: true);
    }

    /// <summary>Takes all the room there is, to the last byte.</summary>
    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = 1 << 20; size > 0; size /= 2)
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // Not that much any more.
            }
        }
    }

    /// <summary>The sentence that the page shows: of the run that failed, or of the hub that cannot store what the run reports.</summary>
    private async Task<string> UntilToldAsync(int id)
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            using var answer = await _hub!.Http.GetAsync($"/runs/{id}");
            var page = System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
            if (page.Contains("disk is full", StringComparison.OrdinalIgnoreCase))
            {
                return "The disk is full";
            }

            Assert.True(limit.Elapsed < TimeSpan.FromMinutes(2), "Nobody told that the disk is full.");
            await Task.Delay(100);
        }
    }

    private async Task<int> StartAsync(string name, int dataset, int model)
    {
        var config = new { name, dataset, model, epochs = 20, batch_size = 16, max_length = 32, logging_steps = 1, save_steps = 10, precision = "fp32", seed = 7 };
        return (int)(await _hub!.PostAsync("/api/v1/runs", new { config }))["id"]!;
    }

    private static bool HasEnded(JsonNode run) => (string?)run["status"] is "finished" or "failed" or "stopped" or "cancelled";

    private async Task<string?> HashAsync(JsonNode run) => (string?)(await _hub!.GetAsync($"/api/v1/models/{run["result_model_id"]}"))["hash"];

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
