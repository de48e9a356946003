using System.Text.Json.Nodes;
using ExperimentHub.Web.Administration.Backups;

namespace ExperimentHub.Web.Tests.Faults;

/// <summary>A backup that is made while a run trains, and a hub on what was restored of it.</summary>
[Collection(typeof(WholeMachine))]
public sealed class BackupTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    private string Data => Path.Combine(_scratch.Path, "data");

    private string Backup => Path.Combine(_scratch.Path, "backup");

    private string Restored => Path.Combine(_scratch.Path, "restored");

    [Fact]
    public async Task BackupWhileTraining_RestoredElsewhere_HasEverythingAndTheRunGoesOn()
    {
        string? hash;
        int finished, training;
        await using (var hub = await HubProcess.StartAsync(Data))
        {
            var dataset = await hub.JobAsync("/api/v1/datasets", new { sample = "sentiment-zh", name = "opinions" });
            var version = (await hub.GetAsync($"/api/v1/datasets/{dataset}"))["versions"]![0]!["id"];
            var model = await hub.JobAsync("/api/v1/models", new { preset = "tiny", dataset = version, name = "tiny" });
            finished = await StartAsync(hub, "short", dataset, model, epochs: 1);
            await hub.RunAsync(finished, HasEnded);
            training = await StartAsync(hub, "long", dataset, model, epochs: 30);
            await hub.RunAsync(training, r => (long?)r["step"] >= 30);

            var made = await hub.PostAsync("/api/v1/backups", new { folder = Backup });

            Assert.True((int)made["files"]! > 10, made.ToJsonString());
            var original = await hub.RunAsync(training, HasEnded);
            Assert.True((string?)original["status"] == "finished", original.ToJsonString());   // the backup did it no harm
            hash = await HashAsync(hub, original);
        }

        var (exitCode, said) = await HubProcess.CommandAsync(Restored, $"--restore={Backup}");
        Assert.True(exitCode == 0, said);
        await using var second = await HubProcess.StartAsync(Restored);
        Assert.Equal("finished", (string?)(await second.GetAsync($"/api/v1/runs/{finished}"))["status"]);
        Assert.Equal(StoredMetrics.Written(Restored, finished, 1), StoredMetrics.Stored(Restored, finished, 1));
        var cut = await second.RunAsync(training, HasEnded);
        Assert.True((string?)cut["status"] == "failed" && ((string)cut["error"]!).Contains("when this backup was made", StringComparison.Ordinal), cut.ToJsonString());
        Assert.Equal(StoredMetrics.Written(Restored, training, 1), StoredMetrics.Stored(Restored, training, 1));
        await second.PostAsync($"/api/v1/runs/{training}/resume", new { });
        var resumed = await second.RunAsync(training, r => (int)r["attempt"]! == 2 && HasEnded(r));
        Assert.True((string?)resumed["status"] == "finished", resumed.ToJsonString());
        Assert.Equal(hash, await HashAsync(second, resumed));
    }

    [Fact]
    public async Task BackupThatIsNotWhole_AndDirectoryThatIsNotEmpty_AreRefused()
    {
        await using (await HubProcess.StartAsync(Data))
        {
        }

        var (made, said) = await HubProcess.CommandAsync(Data, "--backup", Backup);
        Assert.True(made == 0, said);

        var (full, fullSaid) = await HubProcess.CommandAsync(Data, "--restore", Backup);
        File.Delete(Path.Combine(Backup, "metrics.db"));
        var (notWhole, notWholeSaid) = await HubProcess.CommandAsync(Restored, "--restore", Backup);
        File.Delete(Path.Combine(Backup, BackupFolder.Manifest));
        var (none, noneSaid) = await HubProcess.CommandAsync(Restored, "--restore", Backup);

        Assert.Equal((1, 1, 1), (full, notWhole, none));
        Assert.Contains("is not empty", fullSaid, StringComparison.Ordinal);
        Assert.Contains("is not whole", notWholeSaid, StringComparison.Ordinal);
        Assert.Contains("not a whole backup", noneSaid, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Restored, BackupFolder.Restoring)));
    }

    [Theory]
    [InlineData("relative/folder", "backup.not_absolute")]
    [InlineData("DATA/inside", "backup.inside")]
    [InlineData("FULL", "backup.not_empty")]
    public async Task FolderThatCannotBeUsed_IsRefused_AndNothingIsWritten(string folder, string code)
    {
        await using var hub = new HubFactory();
        using var client = hub.AdminClient();
        Directory.CreateDirectory(Path.Combine(_scratch.Path, "full", "of"));
        folder = folder.Replace("DATA", hub.DataDirectory, StringComparison.Ordinal).Replace("FULL", Path.Combine(_scratch.Path, "full"), StringComparison.Ordinal);

        using var answer = await client.PostAsJsonAsync("/api/v1/backups", new { folder }, TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(code, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFileSystemEntries(_scratch.Path));
    }

    [Fact]
    public async Task RestoreThatWasCut_IsNoDataDirectory()
    {
        Directory.CreateDirectory(Path.Combine(Restored, BackupFolder.Restoring));

        var (exitCode, errors) = await HubProcess.StartRefusedAsync(Restored);

        Assert.Equal(1, exitCode);
        Assert.Contains("did not get to its end", errors, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private static async Task<int> StartAsync(HubProcess hub, string name, int dataset, int model, int epochs)
    {
        var config = new { name, dataset, model, epochs, batch_size = 16, max_length = 32, logging_steps = 1, save_steps = 10, precision = "fp32", seed = 7 };
        return (int)(await hub.PostAsync("/api/v1/runs", new { config }))["id"]!;
    }

    private static bool HasEnded(JsonNode run) => (string?)run["status"] is "finished" or "failed" or "stopped" or "cancelled";

    private static async Task<string?> HashAsync(HubProcess hub, JsonNode run) => (string?)(await hub.GetAsync($"/api/v1/models/{run["result_model_id"]}"))["hash"];
}
