using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Parity;

/// <summary>What the reference libraries compute, by <c>ExperimentHub.Parity</c>, which runs on any folder of this form.</summary>
public sealed class ParityPackTests
{
    [Theory]
    [InlineData("models")]
    [InlineData("tokenizers")]
    [InlineData("chat")]
    [InlineData("hub")]
    [InlineData("peft")]
    public async Task EveryCaseOfTheReference_ComesOut(string area)
    {
        var (code, output) = await Companion.RunAsync("ExperimentHub.Parity", Shared.Path("parity"), "--only", area);

        Assert.True(code == 0, output);
        Assert.DoesNotMatch("(?m)^0 passed", output);
    }
}
