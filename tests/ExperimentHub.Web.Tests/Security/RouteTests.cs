using System.IO.Compression;
using System.Net;
using System.Reflection;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Accounts;
using ExperimentHub.Web.Runs;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace ExperimentHub.Web.Tests.Security;

/// <summary>Every route of the hub against everybody: nobody, a viewer, a member, the owner of a private project, an administrator.</summary>
public sealed class RouteTests(HubFactory hub) : IClassFixture<HubFactory>
{
    [Fact]
    public void EveryRouteAndHubMethod_HasARule_AndEveryRuleARoute()
    {
        using var client = hub.CreateClient();   // starts the host
        var routes = HubRoutes.All(hub).Select(r => r.Name).ToHashSet();
        var methods = typeof(Program).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Hub)))
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(m => m.GetBaseDefinition() == m).Select(m => $"{t.Name}.{m.Name}"));

        AssertNone(routes.Except(RouteRules.All.Keys).Select(r => $"{r}: has no rule").Concat(RouteRules.All.Keys.Except(routes).Select(r => $"{r}: is no route")));
        Assert.Equal(RouteRules.HubMethods.Keys.Order(), methods.Order());
    }

    [Fact]
    public async Task EveryRoute_IsClosedToWhoMayNotUseIt()
    {
        using var nobody = hub.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        var owner = await People.AddAsync(hub, Roles.Member);
        var viewer = await People.AddAsync(hub, Roles.Viewer);
        var member = await People.AddAsync(hub, Roles.Member);
        var things = await PrivateThings.MakeAsync(hub, owner.Id);
        using var viewerClient = hub.ClientWithKey(viewer.Key);
        using var memberClient = hub.ClientWithKey(member.Key);
        var faults = new List<string>();
        foreach (var (route, rule) in RouteRules.All)
        {
            await CheckAsync("nobody", nobody, closed: rule != Rule.Open);
            await CheckAsync("viewer", viewerClient, closed: rule is Rule.Member or Rule.Admin or Rule.Own or Rule.ProjectRead or Rule.ProjectWrite);
            await CheckAsync("member", memberClient, closed: rule is Rule.Admin or Rule.Own or Rule.ProjectRead or Rule.ProjectWrite);

            async Task CheckAsync(string who, HttpClient client, bool closed)
            {
                using var answer = await SendAsync(client, route, things);
                var body = await answer.Content.ReadAsStringAsync();
                if (body.Contains(PrivateThings.Secret, StringComparison.Ordinal))
                {
                    faults.Add($"{who} {route}: shows what is private");
                }

                if (IsClosed(answer, body) != closed && !(rule == Rule.NotThere && who != "nobody") && !(who == "nobody" && answer.StatusCode == HttpStatusCode.BadRequest))
                {
                    faults.Add($"{who} {route}: {(int)answer.StatusCode} {answer.Headers.Location} instead of {(closed ? "a refusal" : "an answer")}");
                }
            }
        }

        AssertNone(faults);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(hub.ClientWithKey(owner.Key), "GET /api/v1/runs/{id:int}", things)).StatusCode);
    }

    [Fact]
    public async Task EveryRoute_AnswersTheOwnerAndTheAdministrator()
    {
        var owner = await People.AddAsync(hub, Roles.Member);
        using var ownerClient = hub.ClientWithKey(owner.Key);
        using var admin = hub.AdminClient();
        var faults = new List<string>();
        foreach (var (route, rule) in RouteRules.All.Where(r => r.Key is not "POST /account/sign-out"))
        {
            foreach (var (who, client) in new[] { ("owner", ownerClient), ("admin", admin) })
            {
                var things = await PrivateThings.MakeAsync(hub, owner.Id);   // a call may take them away
                using var answer = await SendAsync(client, route, things);
                if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.InternalServerError
                    && !(rule == Rule.Admin && who == "owner"))
                {
                    faults.Add($"{who} {route}: {(int)answer.StatusCode}");
                }

                if (rule == Rule.ProjectRead && HubRoutes.Method(route) == "GET" && answer.StatusCode == HttpStatusCode.OK
                    && route is "GET /api/v1/runs/{id:int}" or "ANY /runs/{Id:int}" or "GET /api/v1/datasets/{id:int}" or "GET /api/v1/models/{id:int}" or "GET /api/v1/jobs/{id:int}"
                    && !(await answer.Content.ReadAsStringAsync()).Contains(PrivateThings.Secret, StringComparison.Ordinal))
                {
                    faults.Add($"{who} {route}: does not show what is theirs");
                }
            }
        }

        AssertNone(faults);
    }

    [Theory]
    [InlineData("/api/v1/runs")]
    [InlineData("/api/v1/runs/validate")]
    [InlineData("/api/v1/datasets")]
    [InlineData("/api/v1/datasets/inspect")]
    [InlineData("/api/v1/models")]
    public async Task AMember_WritesNothingIntoAForeignProject(string path)
    {
        var owner = await People.AddAsync(hub, Roles.Member);
        var things = await PrivateThings.MakeAsync(hub, owner.Id);
        using var stranger = hub.ClientWithKey((await People.AddAsync(hub, Roles.Member)).Key);

        using var answer = await stranger.PostAsJsonAsync(path, new { project = things.Project, sample = "sentiment", starter = true, config = new { name = "x", model = things.Model, dataset = things.Dataset } });

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task ADownload_IsAZipOfTheFolder()
    {
        var owner = await People.AddAsync(hub, Roles.Member);
        var things = await PrivateThings.MakeAsync(hub, owner.Id);
        using var client = hub.ClientWithKey(owner.Key);

        using var zip = new ZipArchive(await client.GetStreamAsync($"/api/v1/models/{things.Model}/download"));

        Assert.Equal("config.json", Assert.Single(zip.Entries).FullName);
    }

    [Fact]
    public async Task Follow_OfAPrivateRun_IsRefusedToAStranger_AndNobodyConnects()
    {
        var owner = await People.AddAsync(hub, Roles.Member);
        var stranger = await People.AddAsync(hub, Roles.Member);
        var things = await PrivateThings.MakeAsync(hub, owner.Id);
        await using var foreign = Connection(stranger.Key);
        await foreign.StartAsync();
        await using var own = Connection(owner.Key);
        await own.StartAsync();
        await using var anonymous = Connection(null);

        await Assert.ThrowsAsync<HubException>(async () => await foreign.StreamAsync<RunNotice>("Follow", things.Run, 0L).GetAsyncEnumerator().MoveNextAsync());
        Assert.True(await own.StreamAsync<RunNotice>("Follow", things.Run, 0L).GetAsyncEnumerator().MoveNextAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<HttpRequestException>(() => anonymous.StartAsync())).StatusCode);
    }

    private static void AssertNone(IEnumerable<string> faults) => Assert.True(!faults.Any(), string.Join('\n', faults.Order()));

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string route, PrivateThings things)
    {
        using var request = new HttpRequestMessage(new HttpMethod(HubRoutes.Method(route)), things.Address(route));
        request.Content = request.Method == HttpMethod.Get || request.Method == HttpMethod.Delete ? null : JsonContent.Create(things.Body(route));
        return await client.SendAsync(request, HttpCompletionOption.ResponseContentRead);
    }

    /// <summary>A page says so in the page; anything else by its status.</summary>
    private static bool IsClosed(HttpResponseMessage answer, string body) =>
        answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound
        || (answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location?.ToString() is { } to && (to.Contains("/account/sign-in?returnUrl=", StringComparison.Ordinal) || to.Contains("/account/denied", StringComparison.Ordinal)))
        || body.Contains("There is no such ", StringComparison.Ordinal);

    private HubConnection Connection(string? key) => new HubConnectionBuilder()
        .WithUrl(new Uri(hub.Server.BaseAddress, "hubs/runs"), o =>
        {
            o.HttpMessageHandlerFactory = _ => hub.Server.CreateHandler();
            o.Transports = HttpTransportType.LongPolling;
            if (key is not null)
            {
                o.Headers["Authorization"] = "Bearer " + key;
            }
        })
        .AddJsonProtocol(o => WireJson.Apply(o.PayloadSerializerOptions))
        .Build();
}
