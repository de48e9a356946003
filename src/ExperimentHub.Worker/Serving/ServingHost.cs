using System.Globalization;
using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Protocol;
using Microsoft.Extensions.Hosting;

namespace ExperimentHub.Worker;

/// <summary>The small HTTP server of <c>serve</c> and <c>inspect</c>: on a Unix socket for the hub, on a port of this machine by hand.</summary>
internal static class ServingHost
{
    private const int MaxBodyBytes = 4 << 20;

    /// <summary>Serves until it is told to end (Ctrl+C, SIGTERM).</summary>
    public static async Task<int> RunAsync(CommandLine line, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var socket = line.Text("socket");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            if (socket is not null)
            {
                File.Delete(socket);   // one that a killed server left
                kestrel.ListenUnixSocket(Path.GetFullPath(socket));
            }
            else
            {
                kestrel.ListenLocalhost(line.Integer("port", -1) is > 0 and < 65536 and var port ? port : throw line.Fault("name --socket PATH or --port N"));
            }
        });
        await using var app = builder.Build();
        app.MapGet("/health", () => Answer(new { Status = "ok" }));
        map(app);
        await app.StartAsync();
        Console.Error.WriteLine($"Listening on {socket ?? $"http://localhost:{line.Text("port")}"}; Ctrl+C ends it.");
        await app.WaitForShutdownAsync();
        return 0;
    }

    /// <summary>
    /// Reads the request, hands it on, answers with JSON; what a person got wrong is a 400 with <c>{"error":{"code","message"}}</c>.
    /// </summary>
    public static async Task<IResult> HandleAsync<TRequest>(HttpRequest http, Func<TRequest, Task<object>> handle)
        where TRequest : class
    {
        try
        {
            var request = await JsonSerializer.DeserializeAsync<TRequest>(http.Body, WireJson.Options, http.HttpContext.RequestAborted)
                ?? throw new InputException("The request has no JSON object in its body.", "request.json");
            return Answer(await handle(request));
        }
        catch (InputException e)
        {
            return Error(StatusCodes.Status400BadRequest, e.Code, e.Message, e.Arguments);
        }
        catch (JsonException e)
        {
            var field = e.Path is { Length: > 2 } path ? $" ({InputException.Quote(path[2..])})" : "";
            return Error(StatusCodes.Status400BadRequest, "request.json", $"The request is not JSON of the expected form{field}.");
        }
        catch (BadHttpRequestException e)
        {
            return Error(e.StatusCode, "request.body", $"The request's body cannot be read; it may have at most {MaxBodyBytes >> 20} MB.");
        }
    }

    private static IResult Answer(object value) => Results.Json(value, WireJson.Options);

    private static IResult Error(int status, string code, string message, IReadOnlyList<object>? arguments = null) =>
        Results.Json(
            new { Error = new { Code = code, Message = message, Arguments = arguments?.Select(a => Convert.ToString(a, CultureInfo.InvariantCulture)) } },
            WireJson.Options,
            statusCode: status);
}
