using System.Text;
using System.Text.Json;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Metrics;
using Microsoft.Data.Sqlite;

namespace ExperimentHub.Web.Tests.Faults;

/// <summary>After a power loss a file may have any length between its last flush and its end.</summary>
[Collection(typeof(WholeMachine))]
public sealed class PowerLossTests
{
    [Fact]
    public void EventsFileCutAtAnyByte_GivesTheWholeLinesAndNothingElse()
    {
        var lines = Enumerable.Range(1, 12).Select(step => JsonSerializer.SerializeToUtf8Bytes<WorkerEvent>(
            new MetricsEvent { Seq = step, Token = "t", Time = DateTimeOffset.UnixEpoch, Step = step, Values = new Dictionary<string, double> { ["train_loss"] = 1.0 / step } }, WireJson.Options)).ToList();
        var whole = lines.SelectMany(l => l.Append((byte)'\n')).ToArray();
        for (var length = 0; length <= whole.Length; length++)
        {
            var cut = whole.AsSpan(0, length);

            var batch = EventParser.Parse(new AttemptKey(1, 1, 1), "t", ReadPosition.Start, cut, complete: true);

            var ends = cut.Count((byte)'\n');
            Assert.Equal(Enumerable.Range(1, ends).Select(s => (long)s), batch.Events.OfType<MetricsEvent>().Select(m => m.Step));
            Assert.Equal(cut.Length > 0 && cut[^1] != '\n' ? 1 : 0, batch.Events.OfType<LogEvent>().Count());
            Assert.Equal(length, batch.Position.Offset);
        }
    }

    [Fact]
    public void StopAfterATornCommand_IsObeyed_WhereverItWasTorn()
    {
        using var directory = new ScratchDirectory();
        var folder = new JobFolder(directory.Path);
        ControlWriter.Append(folder, "t", 1, Commands.CheckpointNow);
        var first = File.ReadAllBytes(folder.ControlFile);
        for (var length = 0; length <= first.Length; length++)
        {
            File.WriteAllBytes(folder.ControlFile, first[..length]);
            ControlWriter.Append(folder, "t", 2, Commands.Stop);

            Assert.Contains(Commands.Stop, new ControlReader(folder, "t").Read().Select(c => c.Command));
        }
    }

    [Fact]
    public void RunFileCutAtAnyByte_IsRefusedInOneSentence()
    {
        using var directory = new ScratchDirectory();
        var folder = new JobFolder(directory.Path);
        folder.WriteRun(new JobHeader { Token = "t", Threads = 1, Store = "/store" }, new { learning_rate = 1e-4, name = "run" });
        var whole = File.ReadAllBytes(folder.RunFile);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(folder.RunFile, whole[..length]);

            var fault = Assert.Throws<Engine.InputException>(() => folder.ReadRun<JobHeader>());
            Assert.Contains("run.json", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task FlushedMetrics_AreThereWithoutTheWriteAheadLog()
    {
        using var directory = new ScratchDirectory();
        await using (var hub = new HubFactory { ExistingDirectory = directory.Path })
        {
            using var client = hub.AdminClient();
            var writer = hub.Services.GetRequiredService<MetricWriter>();
            var points = new MetricsEvent { Seq = 1, Step = 7, Values = new Dictionary<string, double> { ["train_loss"] = 0.5 } };
            await await writer.WriteAsync(new EventBatch(new AttemptKey(1, 1, 1), new ReadPosition(10, 1, 1), [points]), TestContext.Current.CancellationToken);

            writer.Flush();

            File.Copy(Path.Combine(directory.Path, "metrics.db"), Path.Combine(directory.Path, "lost.db"));   // as if the log had never reached the disk
        }

        await using var connection = new SqliteConnection($"Data Source={Path.Combine(directory.Path, "lost.db")};Pooling=False");
        connection.Open();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT last_step FROM series WHERE key='train_loss'";
        Assert.Equal(7L, command.ExecuteScalar());
    }

    [Fact]
    public async Task BrokenUploadNote_IsNoUpload()
    {
        await using var hub = new HubFactory();
        using var client = hub.AdminClient();
        using var begun = await client.PostAsJsonAsync("/api/v1/uploads", new { file_name = "rows.csv", size = 10 }, TestContext.Current.CancellationToken);
        var id = (await begun.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("id").GetString();
        var note = Path.Combine(hub.DataDirectory, "uploads", id!, "upload.json");
        await File.WriteAllTextAsync(note, (await File.ReadAllTextAsync(note, TestContext.Current.CancellationToken))[..10], TestContext.Current.CancellationToken);

        using var answer = await client.GetAsync($"/api/v1/uploads/{id}", TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task DatabaseThatIsNone_StopsTheHubWithOneSentence()
    {
        using var directory = new ScratchDirectory();
        File.WriteAllBytes(Path.Combine(directory.Path, "hub.db"), Encoding.ASCII.GetBytes(new string('x', 8192)));

        var (exitCode, errors) = await HubProcess.StartRefusedAsync(directory.Path);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("A database of the hub is damaged; stop the hub and restore a backup with --restore.", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }
}
