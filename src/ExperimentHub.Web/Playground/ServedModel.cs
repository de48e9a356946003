using System.Net.Sockets;
using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Workers;

namespace ExperimentHub.Web.Playground;

/// <summary>One worker that holds a model in memory and answers over a Unix socket.</summary>
internal sealed class ServedModel : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _socket;
    private readonly JobFolder _folder;

    public ServedModel(string hash, ProcessIdentity process, string socket, JobFolder folder)
    {
        Hash = hash;
        Process = process;
        _socket = socket;
        _folder = folder;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://worker/"), Timeout = TimeSpan.FromMinutes(5) };
    }

    public string Hash { get; }

    public ProcessIdentity Process { get; }

    public DateTime LastUsed { get; set; } = DateTime.UtcNow;

    public bool IsAlive => WorkerLauncher.IsAlive(Process);

    /// <summary>Waits until the model is in memory.</summary>
    /// <exception cref="InputException">The worker ended, with its reason.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!IsAlive)
            {
                var death = WorkerDeath.FromLog(_folder);
                throw new InputException($"The model could not be loaded. {death.Message}", "serving.died", death.Message);
            }

            if (File.Exists(_socket))
            {
                try
                {
                    using var answer = await _http.GetAsync("health", cancellationToken);
                    if (answer.IsSuccessStatusCode)
                    {
                        return;
                    }
                }
                catch (HttpRequestException)
                {
                    // The socket is there before somebody listens on it.
                }
            }

            await Task.Delay(25, cancellationToken);
        }
    }

    /// <exception cref="InputException">The worker refused the request, with its sentence.</exception>
    public async Task<JsonElement> PostAsync(string path, object body, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsJsonAsync(path, body, WireJson.Options, cancellationToken);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(WireJson.Options, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            var error = json.GetProperty("error");
            throw new InputException(
                error.GetProperty("message").GetString() ?? "The model refused the request.",
                error.GetProperty("code").GetString() ?? "serving.refused",
                error.TryGetProperty("arguments", out var arguments) && arguments.ValueKind == JsonValueKind.Array ? [.. arguments.EnumerateArray().Select(a => a.GetString() ?? "")] : []);
        }

        return json;
    }

    public void Dispose()
    {
        _http.Dispose();
        WorkerLauncher.Kill(Process);
        File.Delete(_socket);
    }
}
