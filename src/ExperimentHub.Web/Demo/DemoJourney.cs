using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Projects;
using Microsoft.AspNetCore.Identity;

namespace ExperimentHub.Web.Demo;

/// <summary>
/// <c>./run --demo</c>: the whole journey through the REST API, as any script would make it: sample, model, run, evaluation, three
/// predictions. Says in ten lines what happens; works on an empty and on a used data directory.
/// </summary>
internal sealed class DemoJourney(Greeting greeting, IServiceScopeFactory scopes, ProjectService projects, ApiKeyService keys, LinkService links)
{
    private const string Email = "demo@experimenthub.local";

    private static readonly string[] s_texts =
        ["The guide was funny and the lunch was delicious.", "Two hours late, rude at the desk, and no apology.", "I would buy this lamp again tomorrow."];

    private int _line;

    /// <exception cref="InputException">A step failed; the sentence says which and why.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var user = await DemoUserAsync();
        var project = await projects.EnsureDefaultAsync(user.Id, cancellationToken);
        var (_, key) = await keys.CreateAsync("demo", user.Id, DateTime.UtcNow.AddHours(2), cancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(greeting.Address), Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        Say("The demo teaches a model to tell praise from complaint, through the same API that scripts use.");

        var dataset = await JobAsync(http, "/api/v1/datasets", new
        {
            project = project.Id,
            name = "Sentiment, English (sample)",
            sample = SampleDatasets.SentimentEnglish,
            settings = new { split = new { kind = "stratified", train = 0.66, validation = 0.1, test = 0.24, seed = 42 } },
        }, cancellationToken);
        var info = (await GetAsync(http, $"/api/v1/datasets/{dataset}", cancellationToken))["versions"]!.AsArray()[^1]!;
        var splits = info["info"]!["split_counts"]!;
        Say($"Data: {info["rows"]} opinions of the bundled sample; {splits["train"]} to learn from, {splits["validation"]} to watch, {splits["test"]} held out.");

        var model = await JobAsync(http, "/api/v1/models", new { project = project.Id, starter = true }, cancellationToken);
        var modelInfo = await GetAsync(http, $"/api/v1/models/{model}", cancellationToken);
        Say($"Model: {modelInfo["name"]}, a pretrained encoder of {(double)modelInfo["parameters"]! / 1e6:0.0} M parameters, already on this machine.");

        var run = await StartAsync(http, project.Id, dataset, model, cancellationToken);
        Say($"Run {run} has started: {greeting.Address}/runs/{run}");
        var finished = await WaitForRunAsync(http, run, cancellationToken);
        Say($"Trained {finished["step"]} steps in {Seconds(finished):0} s; validation accuracy {Number(finished["metrics"]!["eval_accuracy"])}, loss {Number(finished["metrics"]!["eval_loss"])}.");
        await TellEvaluationAsync(http, run, cancellationToken);
        await PredictAsync(http, (int)finished["result_model_id"]!, cancellationToken);

        var link = await links.NewSignInLinkAsync(user.Id, cancellationToken);
        Say($"See it: {greeting.Address}{link}&returnUrl=%2Fruns%2F{run}  (signs you in once, good for an hour)");
    }

    private static async Task<int> StartAsync(HttpClient http, int project, int dataset, int model, CancellationToken cancellationToken)
    {
        var body = new { project, config = new { name = "demo-sentiment", dataset, model, epochs = 3, metric_for_best = "accuracy", seed = 42 } };
        return (int)(await PostAsync(http, "/api/v1/runs", body, cancellationToken))["id"]!;
    }

    private static async Task<JsonNode> WaitForRunAsync(HttpClient http, int run, CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = await GetAsync(http, $"/api/v1/runs/{run}", cancellationToken);
            switch ((string?)state["status"])
            {
                case "finished":
                    return state;
                case "failed" or "cancelled" or "stopped":
                    throw new InputException($"The demo's run ended as {state["status"]}: {state["error"]}", "demo.run");
            }

            await Task.Delay(500, cancellationToken);
        }
    }

    private async Task TellEvaluationAsync(HttpClient http, int run, CancellationToken cancellationToken)
    {
        var report = await GetAsync(http, $"/api/v1/runs/{run}/evaluation?split=test", cancellationToken);
        var accuracy = (double)report["accuracy"]!;
        var (rows, majority) = ((int)report["rows"]!, (double)report["majority_accuracy"]!);
        Say(string.Create(CultureInfo.InvariantCulture, $"On the {rows} held-out rows: accuracy {accuracy:0.0000}; always saying the more frequent label would give {majority:0.0000}."));
        if (accuracy <= 0.80)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"The demo's model is no good: {accuracy:0.0000} on held-out rows, where more than 0.80 is usual."), "demo.accuracy");
        }
    }

    private async Task PredictAsync(HttpClient http, int model, CancellationToken cancellationToken)
    {
        var answer = await PostAsync(http, $"/api/v1/models/{model}/predict", new { texts = s_texts }, cancellationToken);
        foreach (var (text, prediction) in s_texts.Zip(answer["predictions"]!.AsArray()))
        {
            Say(string.Create(CultureInfo.InvariantCulture, $"\"{text}\" → {prediction!["label"]} ({(double)prediction["score"]!:P1})"));
        }
    }

    /// <summary>Posts something that becomes a job, waits for it, and returns the id of what came of it.</summary>
    private static async Task<int> JobAsync(HttpClient http, string path, object body, CancellationToken cancellationToken)
    {
        var job = await PostAsync(http, path, body, cancellationToken);
        while ((string?)job["status"] is "queued" or "running")
        {
            job = await GetAsync(http, $"/api/v1/jobs/{job["id"]}?wait=30", cancellationToken);
        }

        return (string?)job["status"] == "finished"
            ? (int)job["result_id"]!
            : throw new InputException($"The demo stopped at '{job["title"]}': {job["error"]}", "demo.job");
    }

    private static async Task<JsonNode> GetAsync(HttpClient http, string path, CancellationToken cancellationToken) =>
        await ReadAsync(await http.GetAsync(path, cancellationToken), path, cancellationToken);

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, object body, CancellationToken cancellationToken) =>
        await ReadAsync(await http.PostAsJsonAsync(path, body, WireJson.Options, cancellationToken), path, cancellationToken);

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage answer, string path, CancellationToken cancellationToken)
    {
        using (answer)
        {
            var json = await answer.Content.ReadFromJsonAsync<JsonNode>(WireJson.Options, cancellationToken)
                ?? throw new InputException($"{path} answered nothing.", "demo.answer");
            return answer.IsSuccessStatusCode ? json : throw new InputException($"{path} answered {(int)answer.StatusCode}: {json["error"]?["message"]}", "demo.answer");
        }
    }

    /// <summary>The demo's own account: a member, with no password, entered only by the link that is printed.</summary>
    private async Task<HubUser> DemoUserAsync()
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<HubUser>>();
        if (await users.FindByEmailAsync(Email) is { } known)
        {
            return known;
        }

        var user = new HubUser { UserName = Email, Email = Email, EmailConfirmed = true, DisplayName = "Demo", CreatedAt = DateTime.UtcNow };
        await users.CreateAsync(user);
        await users.AddToRoleAsync(user, Roles.Member);
        return user;
    }

    private static double Seconds(JsonNode run) => ((DateTime)run["ended_at"]! - (DateTime)run["started_at"]!).TotalSeconds;

    private static string Number(JsonNode? value) => value is null ? "not told" : value.Deserialize<double>(WireJson.Options).ToString("0.0000", CultureInfo.InvariantCulture);

    private void Say(string text) => Console.WriteLine($"{++_line,2}. {text}");
}
