using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using ExperimentHub.Tests;
using ExperimentHub.Worker;

namespace ExperimentHub.Engine.Tests.Worker;

/// <summary>A real worker process behind a Unix socket.</summary>
public sealed class ServeTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");
    private readonly HttpClient _client;
    private Process? _worker;

    public ServeTests()
    {
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = new Uri("http://worker") };
    }

    private string SocketPath => Path.Combine(_directory.FullName, "worker.sock");

    public async ValueTask InitializeAsync()
    {
        _worker = Process.Start(new ProcessStartInfo("dotnet", [typeof(JobHost).Assembly.Location, "serve", Shared.Path("hostile", "base", "encoder"), "--socket", SocketPath])
        {
            RedirectStandardError = true,
        })!;
        await _worker.StandardError.ReadLineAsync();   // "Listening on …"
    }

    [Fact]
    public async Task Predict_GivesEveryLabelItsProbability()
    {
        var response = await _client.PostAsJsonAsync("/predict", new { texts = new[] { "good film", "bad" } });

        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(["negative", "positive"], answer.GetProperty("labels").EnumerateArray().Select(l => l.GetString()));
        var first = answer.GetProperty("predictions")[0];
        Assert.Equal(1, first.GetProperty("scores").EnumerateObject().Sum(s => s.Value.GetDouble()), 1e-9);
        Assert.Equal(first.GetProperty("score").GetDouble(), first.GetProperty("scores").EnumerateObject().Max(s => s.Value.GetDouble()));
    }

    [Theory]
    [InlineData("""{"texts":[]}""", "request.texts")]
    [InlineData("""{"texts":["a"],"text_pairs":["b","c"]}""", "request.text_pairs")]
    [InlineData("""{"texts":7}""", "request.json")]
    [InlineData("nonsense", "request.json")]
    public async Task Predict_SaysWhatIsWrong(string body, string code)
    {
        var response = await _client.PostAsync("/predict", new StringContent(body));

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(code, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Tokenize_GivesOffsetsInTheText()
    {
        var response = await _client.PostAsJsonAsync("/tokenize", new { text = "good film" });

        var tokens = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("tokens").EnumerateArray().ToList();
        Assert.True(tokens[0].GetProperty("special").GetBoolean());
        Assert.Equal(9, tokens.Max(t => t.GetProperty("end").GetInt32()));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_worker is not null)
        {
            _worker.Kill();
            await _worker.WaitForExitAsync();
            _worker.Dispose();
        }

        _directory.Delete(recursive: true);
    }
}
