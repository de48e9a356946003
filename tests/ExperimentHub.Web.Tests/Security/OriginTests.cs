using System.Net;

namespace ExperimentHub.Web.Tests.Security;

/// <summary>What a page of another site makes a visitor's browser send.</summary>
public sealed class OriginTests(HubFactory hub) : IClassFixture<HubFactory>
{
    [Theory]
    [InlineData("/hubs/runs")]
    [InlineData("/_blazor")]
    public async Task WebSocket_FromAnotherOrigin_IsRefused_AndFromOursOpened(string path)
    {
        foreach (var origin in new[] { "https://evil.example", "null", "http://localhost.evil.example", "http://localhost:81" })
        {
            var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => ConnectAsync(path, origin));
            Assert.Contains("403", refusal.Message, StringComparison.Ordinal);
        }

        using var socket = await ConnectAsync(path, "http://localhost");
        Assert.Equal(System.Net.WebSockets.WebSocketState.Open, socket.State);
    }

    [Theory]
    [InlineData("/hubs/runs/negotiate?negotiateVersion=1")]
    [InlineData("/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("/account/sign-in")]
    [InlineData("/account/sign-out")]
    [InlineData("/api/v1/runs")]
    [InlineData("/api/v1/uploads")]
    public async Task Post_FromAnotherOrigin_IsRefused(string path)
    {
        using var client = hub.AdminClient();
        foreach (var origin in new[] { "https://evil.example", "null" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}") };
            request.Headers.Add("Origin", origin);

            using var answer = await client.SendAsync(request);

            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    [Fact]
    public async Task NoAnswer_AllowsAnotherOriginToReadIt()
    {
        using var client = hub.AdminClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/runs");
        request.Headers.Add("Origin", "https://evil.example");

        using var answer = await client.SendAsync(request);

        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
    }

    private Task<System.Net.WebSockets.WebSocket> ConnectAsync(string path, string origin)
    {
        var client = hub.Server.CreateWebSocketClient();
        client.ConfigureRequest = request =>
        {
            request.Headers.Origin = origin;
            request.Headers.Authorization = "Bearer " + HubFactory.AdminKey;
        };
        return client.ConnectAsync(new Uri($"ws://localhost{path}"), CancellationToken.None);
    }
}
