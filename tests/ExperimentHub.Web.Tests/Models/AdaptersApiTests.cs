using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Tests;

namespace ExperimentHub.Web.Tests.Models;

/// <summary>Adapters by REST, with real workers.</summary>
public sealed class AdaptersApiTests
{
    [Fact]
    public async Task Adapter_IsImported_ListedUnderItsBase_Merged_AndDeleted()
    {
        await using var hub = new HubFactory();
        using var client = hub.AdminClient();
        var bert = (int)(await JobAsync(client, "/api/v1/models", new { path = Shared.Path("parity", "peft", "bert", "model") }))["result_id"]!;
        var gpt2 = (int)(await JobAsync(client, "/api/v1/models", new { path = Shared.Path("parity", "peft", "gpt2", "model") }))["result_id"]!;
        var lora = Shared.Path("parity", "peft", "bert", "lora", "adapter");

        var wrong = await JobAsync(client, "/api/v1/adapters", new { path = lora, @base = gpt2 });
        var imported = await JobAsync(client, "/api/v1/adapters", new { path = lora, name = "mine" });
        var listed = Assert.Single((await client.GetFromJsonAsync<JsonArray>($"/api/v1/adapters?model={bert}", JsonSerializerOptions.Web, TestContext.Current.CancellationToken))!)!;
        var files = await FilesAsync(client, (int)listed["id"]!);
        var merged = await JobAsync(client, $"/api/v1/adapters/{listed["id"]}/merge", new { name = "both" });
        using var deleted = await client.DeleteAsync($"/api/v1/adapters/{listed["id"]}", TestContext.Current.CancellationToken);

        Assert.Equal("adapter.tensor", (string)wrong["error_code"]!);
        Assert.Equal(("finished", bert), ((string)imported["status"]!, (int)imported["result_id"]!));
        Assert.Equal(("mine", bert, "LORA"), ((string)listed["name"]!, (int)listed["base"]!, (string)listed["info"]!["method"]!));
        Assert.Equal(["adapter_config.json", "adapter_model.safetensors"], files);
        var model = await client.GetFromJsonAsync<JsonObject>($"/api/v1/models/{merged["result_id"]}", JsonSerializerOptions.Web, TestContext.Current.CancellationToken);
        Assert.Equal(("both", bert, "merge"), ((string)model!["name"]!, (int)model["base_model"]!, (string)model["source"]!));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty((await client.GetFromJsonAsync<JsonArray>("/api/v1/adapters", JsonSerializerOptions.Web, TestContext.Current.CancellationToken))!);
    }

    private static async Task<IEnumerable<string>> FilesAsync(HttpClient client, int adapter)
    {
        using var bytes = new MemoryStream(await client.GetByteArrayAsync($"/api/v1/adapters/{adapter}/download", TestContext.Current.CancellationToken));
        using var zip = new ZipArchive(bytes);
        return [.. zip.Entries.Select(e => e.FullName)];
    }

    private static async Task<JsonNode> JobAsync(HttpClient client, string address, object request)
    {
        using var answer = await client.PostAsJsonAsync(address, request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        JsonNode job;
        do
        {
            job = (await client.GetFromJsonAsync<JsonObject>($"{answer.Headers.Location}?wait=20", JsonSerializerOptions.Web, TestContext.Current.CancellationToken))!;
        }
        while ((string)job["status"]! is "queued" or "running");

        return job;
    }
}
