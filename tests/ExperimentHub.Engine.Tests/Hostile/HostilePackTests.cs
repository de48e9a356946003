using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Hostile;

/// <summary>Damaged and malicious files, by <c>ExperimentHub.Hostile</c>: a process that measures itself and survives what its cases do.</summary>
public sealed class HostilePackTests
{
    [Theory]
    [InlineData("dataset")]
    [InlineData("archive")]
    [InlineData("model")]
    [InlineData("tokenizer")]
    [InlineData("chat_template")]
    [InlineData("adapter")]
    [InlineData("run_config")]
    [InlineData("protocol")]
    public async Task EveryCaseOfTheSharedPack_BehavesAsAsked(string kind)
    {
        var (code, output) = await RunAsync([Shared.Path("hostile"), "--only", kind]);

        Assert.True(code == 0, output);
        Assert.DoesNotMatch("(?m)^0 passed", output);
    }

    [Fact]
    public async Task MadeInputs_NeitherBreakNorStopAParser()
    {
        var (code, output) = await RunAsync(["fuzz", "--inputs", "10000", "--seed", "1"]);

        Assert.True(code == 0, output);
    }

    [Fact]
    [Trait("Length", "long")]
    public async Task AMillionMadeInputs_NeitherBreakNorStopAParser()
    {
        var (code, output) = await RunAsync(["fuzz", "--inputs", "1000000", "--seed", "2"]);

        Assert.True(code == 0, output);
    }

    private static Task<(int Code, string Output)> RunAsync(string[] arguments) => Companion.RunAsync("ExperimentHub.Hostile", arguments);
}
