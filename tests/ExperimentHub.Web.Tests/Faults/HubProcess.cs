using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Web.Tests.Faults;

/// <summary>The hub as a process of its own, so that it can be killed, with workers that outlive it.</summary>
internal sealed class HubProcess : IAsyncDisposable
{
    private readonly Process _process;

    private HubProcess(Process process, string address)
    {
        _process = process;
        Address = address;
        Http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(90) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", HubFactory.AdminKey);
    }

    public string Address { get; }

    public HttpClient Http { get; }

    /// <summary>Starts a hub on a data directory and waits until it says where it is.</summary>
    public static Task<HubProcess> StartAsync(string dataDirectory) => StartAsync(dataDirectory, port: 0);

    /// <summary>The same on a port of one's choice, with settings as on the command line.</summary>
    public static async Task<HubProcess> StartAsync(string dataDirectory, int port, params string[] settings)
    {
        var process = Launch(dataDirectory, port, settings);
        var errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ExperimentHub is at ", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new HubProcess(process, line.Split(' ')[3]);
            }
        }

        throw new InvalidOperationException("The hub did not start: " + await errors);
    }

    /// <summary>Starts a hub that is expected to refuse; returns its exit code and what it said.</summary>
    public static async Task<(int ExitCode, string Errors)> StartRefusedAsync(string dataDirectory)
    {
        using var process = Launch(dataDirectory, port: 0);
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await errors);
    }

    /// <summary>Runs the program with a switch that ends it; returns its exit code and all it said.</summary>
    public static async Task<(int ExitCode, string Said)> CommandAsync(string dataDirectory, params string[] switches)
    {
        using var process = Launch(dataDirectory, port: 0, switches);
        var errors = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said + await errors);
    }

    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: false);   // the hub alone, as kill -9 would
        await _process.WaitForExitAsync();
    }

    public async Task<JsonNode> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonNode>(path, WireJson.Options))!;

    public async Task<JsonNode> PostAsync(string path, object body)
    {
        using var answer = await Http.PostAsJsonAsync(path, body, WireJson.Options);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return answer.StatusCode == System.Net.HttpStatusCode.NoContent ? new JsonObject() : (await answer.Content.ReadFromJsonAsync<JsonNode>(WireJson.Options))!;
    }

    /// <summary>Waits for a job and returns the id of what came of it.</summary>
    public async Task<int> JobAsync(string path, object body)
    {
        var job = await PostAsync(path, body);
        while ((string?)job["status"] is "queued" or "running")
        {
            job = await GetAsync($"/api/v1/jobs/{job["id"]}?wait=30");
        }

        Assert.True((string?)job["status"] == "finished", job.ToJsonString());
        return (int)job["result_id"]!;
    }

    /// <summary>Asks for a run until <paramref name="until"/> holds.</summary>
    public async Task<JsonNode> RunAsync(int id, Func<JsonNode, bool> until)
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            var run = await GetAsync($"/api/v1/runs/{id}");
            if (until(run))
            {
                return run;
            }

            Assert.True(limit.Elapsed < TimeSpan.FromMinutes(3), $"The run is still: {run.ToJsonString()}");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static Process Launch(string dataDirectory, int port, params string[] settings)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "ExperimentHub.Web.dll"), "--urls", $"http://127.0.0.1:{port}", $"--ExperimentHub:DataDirectory={dataDirectory}", .. settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["ExperimentHub__Admin__Email"] = HubFactory.AdminEmail;
        start.Environment["ExperimentHub__Admin__Password"] = HubFactory.AdminPassword;
        start.Environment["ExperimentHub__Admin__ApiKey"] = HubFactory.AdminKey;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        return Process.Start(start)!;
    }
}
