using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace ExperimentHub.Benchmarks;

/// <summary>
/// A page without its browser: fetched as a person's would be, then alive over Blazor's own protocol. It draws nothing, but takes every
/// render and answers every call, so the hub does all that it does for a page in a browser, and twenty of them leave the processor to it.
/// </summary>
internal sealed partial class BlazorCircuit : IAsyncDisposable
{
    /// <summary>What a call of .NET expects back: a reference to a script's object.</summary>
    private const int ObjectReference = 1;

    private readonly HubConnection _connection;
    private int _renders;
    private int _calls;
    private int _pushes;

    private BlazorCircuit(HubConnection connection)
    {
        _connection = connection;
        connection.On<long, byte[]>("JS.RenderBatch", RenderedAsync);
        connection.On("JS.BeginInvokeJS", [typeof(long), typeof(string), typeof(string), typeof(int), typeof(long), typeof(int)], CalledAsync);
        connection.On<string>("JS.Error", error => Console.Error.WriteLine($"circuit: {error}"));
    }

    /// <summary>Renders taken, calls answered, and new points pushed to the charts.</summary>
    public (int Renders, int Calls, int Pushes) Counts => (_renders, _calls, _pushes);

    public static async Task<BlazorCircuit> OpenAsync(string hub, string path, string cookies)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("Cookie", cookies);
        var page = await http.GetStringAsync(new Uri(hub + path));
        var markers = Markers().Matches(page).Select(m => JsonNode.Parse(m.Groups[1].Value)!.AsObject()).Where(m => m["type"]?.GetValue<string>() == "server").ToList();
        var state = State().Match(page) is { Success: true } found ? found.Groups[1].Value : "";
        var builder = new HubConnectionBuilder().WithUrl(hub + "/_blazor", o => o.Headers["Cookie"] = cookies);
        builder.Services.AddSingleton<IHubProtocol, BlazorProtocol>();
        var connection = builder.Build();
        var circuit = new BlazorCircuit(connection);
        await connection.StartAsync();
        await connection.InvokeAsync<string>("StartCircuit", hub + "/", hub + path, "[]", "");
        var operations = markers.Select((marker, i) => new JsonObject { ["type"] = "add", ["ssrComponentId"] = i + 1, ["marker"] = marker.DeepClone() });
        var batch = new JsonObject { ["batchId"] = 1, ["operations"] = new JsonArray([.. operations]) };
        await connection.SendAsync("UpdateRootComponents", batch.ToJsonString(), state);
        return circuit;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private Task RenderedAsync(long batch, byte[] changes)
    {
        Interlocked.Increment(ref _renders);
        return _connection.SendAsync("OnRenderCompleted", batch, null);
    }

    private Task CalledAsync(object?[] arguments)
    {
        var (handle, name, type) = ((long)arguments[0]!, (string)arguments[1]!, (int)arguments[3]!);
        Interlocked.Increment(ref _calls);
        if (name == "push")
        {
            Interlocked.Increment(ref _pushes);
        }

        var result = type == ObjectReference ? """{"__jsObjectId":1}""" : "null";
        return _connection.SendAsync("EndInvokeJSFromDotNet", handle, true, string.Create(CultureInfo.InvariantCulture, $"[{handle},true,{result}]"));
    }

    [GeneratedRegex("<!--Blazor:(\\{.*?\\})-->")]
    private static partial Regex Markers();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(.*?)-->")]
    private static partial Regex State();
}
