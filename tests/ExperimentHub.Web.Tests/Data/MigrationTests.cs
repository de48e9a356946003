using System.Net;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Tests.Faults;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Tests.Data;

public sealed class MigrationTests(HubFactory hub) : IClassFixture<HubFactory>
{
    [Fact]
    public async Task Model_HasNoChangeWithoutAMigration()
    {
        using var client = hub.CreateClient();
        await using var database = await hub.Services.GetRequiredService<IDbContextFactory<HubDbContext>>().CreateDbContextAsync();

        Assert.False(database.Database.HasPendingModelChanges(), "Run migrations/add.sh NAME.");
        Assert.Empty(await database.Database.GetPendingMigrationsAsync());
    }

    /// <summary><c>FirstVersion</c> holds both databases as the first version left them after an import, a model and a run; it is never made anew.</summary>
    [Fact]
    public async Task DataOfTheFirstVersion_IsThereAfterTheMigration()
    {
        using var directory = new ScratchDirectory();
        Load("hub.sql", Path.Combine(directory.Path, "hub.db"));
        Load("metrics.sql", Path.Combine(directory.Path, "metrics.db"));
        await using var old = new HubFactory { ExistingDirectory = directory.Path };
        using var client = old.AdminClient();

        var run = Assert.Single((await GetAsync(client, "/api/v1/runs")).AsArray())!;
        var curve = (await GetAsync(client, $"/api/v1/runs/{run["id"]}/metrics?keys=train_loss"))[0]!;

        Assert.Equal(("of the first version", "finished", 12L), ((string)run["name"]!, (string)run["status"]!, (long)run["step"]!));
        Assert.Equal([1, 2, 4, 6, 8, 10, 12], curve["steps"]!.AsArray().Select(s => (long)s!));
        Assert.Equal((double)run["final"]!["train_loss"]!, (double)curve["values"]!.AsArray()[^1]!);
        Assert.Equal("opinions", (string?)(await GetAsync(client, "/api/v1/datasets")).AsArray().Single()!["name"]);
        Assert.Equal(2, (await GetAsync(client, "/api/v1/models")).AsArray().Count);
        foreach (var page in new[] { "/", "/runs", $"/runs/{run["id"]}", $"/runs/{run["id"]}/configuration", "/datasets", "/models", "/administration" })
        {
            using var answer = await client.GetAsync(page, TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, page);
        }

        await using var database = await old.Services.GetRequiredService<IDbContextFactory<HubDbContext>>().CreateDbContextAsync();
        Assert.Empty(await database.Database.GetPendingMigrationsAsync());
    }

    private static async Task<JsonNode> GetAsync(HttpClient client, string path) => (await client.GetFromJsonAsync<JsonNode>(path, WireJson.Options))!;

    private static void Load(string script, string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = File.ReadAllText(Path.Combine(Repository.Root, "tests", "ExperimentHub.Web.Tests", "Data", "FirstVersion", script));
        command.ExecuteNonQuery();
    }
}
