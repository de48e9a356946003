namespace ExperimentHub.Web.Tests.Faults;

/// <summary>
/// Three runs train in three slots, pages are open, and hub and workers are killed with -9 at random moments: no confirmed metric is lost
/// or doubled, no run is stuck, every run can be resumed, and each ends with the numbers and weights of one that was never cut.
/// </summary>
[Collection(typeof(WholeMachine))]
public sealed class KillStormTests(ITestOutputHelper output)
{
    [Fact]
    public Task TwentyKills_LoseNothing() => StormAsync(kills: 20, seed: 20);

    [Fact, Trait("Length", "long")]
    public Task TwoHundredKills_LoseNothing() => StormAsync(kills: 200, seed: 200);

    private async Task StormAsync(int kills, int seed)
    {
        await using var storm = await KillStorm.BeginAsync(seed);
        await using var pages = await OpenPages.TryOpenAsync(storm);

        await storm.KillAsync(kills);
        await storm.LetAllFinishAsync();

        output.WriteLine(storm.Summary);
        output.WriteLine(pages is null ? "Without chromium no page was open." : "A page of the runs and a page of a run were open all the time.");
        await storm.CheckAsync();
        if (pages is not null)
        {
            await pages.CheckAsync(storm);
        }
    }
}
