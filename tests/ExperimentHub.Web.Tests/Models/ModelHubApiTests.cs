using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Tests;
using ExperimentHub.Tests.StandIn;
using ExperimentHub.Web.Data;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Tests.Models;

/// <summary>Importing from a model hub by REST, against a stand-in of the hub and with real workers.</summary>
public sealed class ModelHubApiTests
{
    private const string Token = "hf_alice";

    [Fact]
    public async Task Plan_ListsWhatWouldCome_AndSaysWhatIsWrong()
    {
        await using var modelHub = await StandInHub.StartAsync(Shared.Path("parity", "hub", "repos"));
        await using var hub = Hub(modelHub);
        using var client = hub.AdminClient();

        using var found = await client.PostAsJsonAsync("/api/v1/models/hub-plan", new { repository = "acme/tiny-bert" }, TestContext.Current.CancellationToken);
        using var missing = await client.PostAsJsonAsync("/api/v1/models/hub-plan", new { repository = "acme/nothing" }, TestContext.Current.CancellationToken);

        var plan = await found.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        Assert.Equal(modelHub.Repositories["acme/tiny-bert"].Find("main")!.Id, plan!["commit"]!.GetValue<string>());
        Assert.Contains("model.safetensors", plan["files"]!.AsArray().Select(f => f!["path"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.BadRequest, missing.StatusCode);
        Assert.Contains("model_hub.no_repository", await missing.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_UsesTheToken_AndKeepsItNowhere()
    {
        await using var modelHub = await StandInHub.StartAsync(Repositories());
        await using var hub = Hub(modelHub);
        using var client = hub.AdminClient();

        var job = await ImportAsync(client, new { repository = "alice/secret", token = Token });

        Assert.True(job["status"]!.GetValue<string>() == "finished", job.ToJsonString());
        await using (var database = await hub.Services.GetRequiredService<IDbContextFactory<HubDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            Assert.DoesNotContain("token", (await database.Jobs.SingleAsync(TestContext.Current.CancellationToken)).FollowUpJson!, StringComparison.Ordinal);
        }

        Assert.All(Directory.EnumerateFiles(hub.DataDirectory, "*", SearchOption.AllDirectories).Where(f => !f.Contains("/store/", StringComparison.Ordinal) && Path.GetFileName(f) != "hub.lock"), f =>
        {
            using var stream = new FileStream(f, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(Token, reader.ReadToEnd(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Import_SaysWhatTheHubSays_WhenItRefuses()
    {
        await using var modelHub = await StandInHub.StartAsync(Shared.Path("parity", "hub", "repos"));
        await using var hub = Hub(modelHub);
        using var client = hub.AdminClient();

        var job = await ImportAsync(client, new { repository = "alice/secret" });

        Assert.Equal("model_hub.no_repository", job["error_code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Import_GoesOn_WhenItsWorkerIsKilled()
    {
        var gate = new TaskCompletionSource();
        await using var modelHub = await StandInHub.StartAsync(Shared.Path("parity", "hub", "repos"));
        modelHub.Gate = gate.Task;
        await using var hub = Hub(modelHub);
        using var client = hub.AdminClient();
        var importing = ImportAsync(client, new { repository = "acme/tiny-bert" });
        var arriving = Path.Combine(hub.DataDirectory, "downloads");
        while (!Directory.Exists(arriving) || !Directory.EnumerateFiles(arriving, "model.safetensors.part", SearchOption.AllDirectories).Any(f => new FileInfo(f).Length > 0))
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        var note = Directory.EnumerateFiles(Path.Combine(hub.DataDirectory, "jobs"), "worker.pid", SearchOption.AllDirectories).Single();
        using (var worker = System.Diagnostics.Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(note, TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture)))
        {
            worker.Kill();
        }

        gate.SetResult();
        var job = await importing;

        Assert.True(job["status"]!.GetValue<string>() == "finished", job.ToJsonString());
        Assert.Contains(modelHub.Requests, r => r.ToStorage && r.Range is not null && r.Status == 206);
        Assert.Empty(Directory.EnumerateDirectories(arriving));
    }

    private static HubFactory Hub(StandInHub modelHub) => new() { Settings = new Dictionary<string, string> { ["ExperimentHub:ModelHub:Endpoint"] = modelHub.Address.AbsoluteUri } };

    /// <summary>The recorded repositories, with a whole model in the private one.</summary>
    private static string Repositories()
    {
        var target = Directory.CreateTempSubdirectory("experimenthub-test-").FullName;
        var (from, to) = (Shared.Path("parity", "hub", "repos", "models", "acme", "tiny-bert"), Path.Combine(target, "models", "alice", "secret"));
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from).Where(f => Path.GetFileName(f) != ".hub.json"))
        {
            File.WriteAllBytes(Path.Combine(to, Path.GetFileName(file)), File.ReadAllBytes(file));
        }

        File.WriteAllText(Path.Combine(to, ".hub.json"), "{\"private\": true}");
        return target;
    }

    private static async Task<JsonObject> ImportAsync(HttpClient client, object request)
    {
        using var accepted = await client.PostAsJsonAsync("/api/v1/models", request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        while (true)
        {
            var job = await client.GetFromJsonAsync<JsonObject>($"{accepted.Headers.Location}?wait=20", JsonSerializerOptions.Web, TestContext.Current.CancellationToken);
            if (job!["status"]!.GetValue<string>() is not ("queued" or "running"))
            {
                return job;
            }
        }
    }
}
