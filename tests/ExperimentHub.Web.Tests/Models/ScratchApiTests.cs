using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ExperimentHub.Web.Tests.Models;

/// <summary>Models from scratch by REST, with real workers.</summary>
public sealed class ScratchApiTests
{
    [Fact]
    public async Task BertOverATrainedTokenizer_LearnsInARun_AndATokenizerThatWillNotDo_IsRefused()
    {
        await using var hub = new HubFactory();
        using var client = hub.AdminClient();
        var rows = Path.Combine(hub.DataDirectory, "rooms.csv");
        await File.WriteAllTextAsync(rows, "text,label\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"a {(i % 2 == 0 ? "lovely" : "dirty")} room number {i},{(i % 2 == 0 ? "good" : "bad")}\n")), TestContext.Current.CancellationToken);
        var dataset = await ResultAsync(client, "/api/v1/datasets", new { path = rows });
        var pieces = await ResultAsync(client, "/api/v1/tokenizers", new { dataset = 1, kind = "wordpiece", vocabulary_size = 150 });
        var bytes = await ResultAsync(client, "/api/v1/tokenizers", new { dataset = 1, kind = "byte_bpe", vocabulary_size = 300 });

        using var refused = await client.PostAsJsonAsync("/api/v1/models", new { family = "bert", preset = "tiny", tokenizer = bytes }, TestContext.Current.CancellationToken);
        using var unknown = await client.PostAsJsonAsync("/api/v1/models", new { family = "rwkv", preset = "tiny", tokenizer = bytes }, TestContext.Current.CancellationToken);
        var model = await ResultAsync(client, "/api/v1/models", new { family = "bert", preset = "tiny", tokenizer = pieces });
        var config = new { name = "first", dataset, model, epochs = 1, batch_size = 16, max_length = 32 };
        var run = (int)(await PostAsync(client, "/api/v1/runs", new { config }))["id"]!;

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (refused.StatusCode, unknown.StatusCode));
        Assert.Contains("model.tokenizer_frame", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("model.preset_family", await unknown.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("finished", await EndOfRunAsync(client, run));
    }

    private static async Task<string> EndOfRunAsync(HttpClient client, int run)
    {
        while (true)
        {
            var view = await client.GetFromJsonAsync<JsonObject>($"/api/v1/runs/{run}", JsonSerializerOptions.Web, TestContext.Current.CancellationToken);
            if ((string)view!["status"]! is "finished" or "failed" or "stopped" or "cancelled")
            {
                return (string)view["status"]!;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<JsonNode> PostAsync(HttpClient client, string address, object request)
    {
        using var answer = await client.PostAsJsonAsync(address, request, TestContext.Current.CancellationToken);
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!;
    }

    /// <summary>What a job has left.</summary>
    private static async Task<int> ResultAsync(HttpClient client, string address, object request)
    {
        var job = await PostAsync(client, address, request);
        while ((string)job["status"]! is "queued" or "running")
        {
            job = (await client.GetFromJsonAsync<JsonObject>($"/api/v1/jobs/{job["id"]}?wait=20", JsonSerializerOptions.Web, TestContext.Current.CancellationToken))!;
        }

        Assert.True((string)job["status"]! == "finished", job.ToJsonString());
        return (int)job["result_id"]!;
    }
}
