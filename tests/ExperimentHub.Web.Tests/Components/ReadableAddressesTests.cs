namespace ExperimentHub.Web.Tests.Components;

public sealed class ReadableAddressesTests(HubFactory hub) : IClassFixture<HubFactory>
{
    [Theory]
    [InlineData("/playground?model=abc&text=1", "?text=1")]          // a list of numbers
    [InlineData("/runs/new?dataset=abc&model=1", "?model=1")]
    [InlineData("/runs?baseline=1.5", "")]
    [InlineData("/compare?smoothing=much&log=perhaps", "")]          // of the page's base class
    [InlineData("/datasets/import?dataset=99999999999", "")]
    [InlineData("/playground?model=1&model=2", "?model=1&model=2")]
    [InlineData("/runs?q=a%20b", "?q=a%20b")]
    public async Task Page_OpensWithoutWhatItCannotRead(string address, string kept)
    {
        using var client = hub.AdminClient();

        using var first = await client.GetAsync(address);
        var opened = first.Headers.Location?.ToString() ?? address;
        using var page = await client.GetAsync(opened);

        Assert.Equal(address.Split('?')[0] + kept, opened);
        Assert.Equal(System.Net.HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotContain("could not be shown", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
