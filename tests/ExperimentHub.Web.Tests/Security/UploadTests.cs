using System.Net;
using System.Text.Json.Nodes;
using ExperimentHub.Web.Accounts;

namespace ExperimentHub.Web.Tests.Security;

/// <summary>Uploads and paths that a stranger names.</summary>
public sealed class UploadTests(HubFactory hub) : IClassFixture<HubFactory>
{
    private readonly DirectoryInfo _data = new(hub.DataDirectory);

    [Theory]
    [InlineData("../../pwned.csv")]
    [InlineData("..\\..\\pwned.csv")]
    [InlineData("/tmp/pwned.csv")]
    [InlineData("<img src=x onerror=alert(1)>.csv")]
    [InlineData("a\u0000\u001b[2J\u202Evsc.csv")]
    [InlineData("CON.csv")]
    public async Task TheName_OfAnUpload_IsOnlyText(string name)
    {
        using var client = hub.AdminClient();

        var upload = await BeginAsync(client, name, 3);
        using var sent = await client.PutAsync($"/api/v1/uploads/{upload}?offset=0", new StringContent("a,b"));

        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        Assert.DoesNotContain((string)JsonNode.Parse(await sent.Content.ReadAsStringAsync())!["file_name"]!, char.IsControl);
        Assert.Equal(["data", "upload.json"], Directory.EnumerateFiles(Path.Combine(_data.FullName, "uploads", upload)).Select(f => Path.GetFileName(f)!).Order());
        Assert.Empty(_data.Parent!.EnumerateFiles("*pwned*"));
    }

    [Fact]
    public async Task AnUpload_LongerThanAnnounced_OrThanAllowed_IsRefused()
    {
        using var client = hub.AdminClient();
        var upload = await BeginAsync(client, "x.csv", 10);

        using var longer = await client.PutAsync($"/api/v1/uploads/{upload}?offset=0", new StringContent(new string('x', 11)));
        using var before = await client.PutAsync($"/api/v1/uploads/{upload}?offset=-1", new StringContent("x"));
        using var beyond = await client.PutAsync($"/api/v1/uploads/{upload}?offset=5000", new StringContent("x"));
        using var tooLarge = await client.PostAsJsonAsync("/api/v1/uploads", new { file_name = "x.csv", size = 1L << 60 });
        using var negative = await client.PostAsJsonAsync("/api/v1/uploads", new { file_name = "x.csv", size = -1 });

        Assert.All([longer, before, beyond, tooLarge, negative], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
        Assert.True(new FileInfo(Path.Combine(_data.FullName, "uploads", upload, "data")).Length <= 10);
    }

    [Fact]
    public async Task AnUpload_IsItsOwnersOnly()
    {
        using var client = hub.AdminClient();
        using var stranger = hub.ClientWithKey((await People.AddAsync(hub, Roles.Member)).Key);
        var upload = await BeginAsync(client, "x.csv", 3);

        using var read = await stranger.GetAsync($"/api/v1/uploads/{upload}");
        using var write = await stranger.PutAsync($"/api/v1/uploads/{upload}?offset=0", new StringContent("abc"));
        using var import = await stranger.PostAsJsonAsync("/api/v1/datasets", new { upload });
        using var delete = await stranger.DeleteAsync($"/api/v1/uploads/{upload}");

        Assert.All([read, write, delete], answer => Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode));
        Assert.Equal(HttpStatusCode.BadRequest, import.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"/api/v1/uploads/{upload}")).StatusCode);
    }

    [Fact]
    public async Task APathOnTheServer_IsForAdministrators()
    {
        using var member = hub.ClientWithKey((await People.AddAsync(hub, Roles.Member)).Key);

        using var dataset = await member.PostAsJsonAsync("/api/v1/datasets", new { path = "/etc/passwd" });
        using var look = await member.PostAsJsonAsync("/api/v1/datasets/inspect", new { path = "/etc/passwd" });
        using var model = await member.PostAsJsonAsync("/api/v1/models", new { path = "/etc" });

        Assert.All([dataset, look, model], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
    }

    [Theory]
    [InlineData("/css/..%2f..%2fappsettings.json")]
    [InlineData("/css/%2e%2e/%2e%2e/appsettings.json")]
    [InlineData("/..%5c..%5cappsettings.json")]
    [InlineData("/css/..;/appsettings.json")]
    [InlineData("/appsettings.json")]
    [InlineData("/data/hub.db")]
    [InlineData("/api/v1/uploads/..%2f..%2fhub.db")]
    [InlineData("/api/v1/datasets/1/versions/..%2f..%2f1/problems")]
    [InlineData("/_content/..%2f..%2f..%2fhub.db")]
    public async Task NoPath_LeadsToAFileOfOurs(string path)
    {
        using var client = hub.AdminClient();

        using var answer = await client.GetAsync(new Uri("http://localhost" + path));

        var isPage = answer.Content.Headers.ContentType?.MediaType == "text/html";
        Assert.True(answer.StatusCode != HttpStatusCode.OK || isPage, $"{answer.StatusCode} {answer.Content.Headers.ContentType}");
        Assert.DoesNotContain("SQLite format", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<string> BeginAsync(HttpClient client, string name, long size)
    {
        using var answer = await client.PostAsJsonAsync("/api/v1/uploads", new { file_name = name, size });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["id"]!;
    }
}
