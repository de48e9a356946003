using ExperimentHub.Web.Data;

namespace ExperimentHub.Web.Tests.Data;

public sealed class HubOptionsCheckTests
{
    [Fact]
    public void Validate_NamesEachSettingThatCannotBe_ThoseOfTheWorkersToo()
    {
        var options = new HubOptions { DataDirectory = "", Workers = new WorkerOptions { TrainingSlots = 0, Device = "tpu" } };

        var result = new HubOptionsCheck().Validate(null, options);

        Assert.True(result.Failed);
        Assert.Equal(3, result.Failures!.Count());
        Assert.Contains("ExperimentHub:Workers:Device: It must be auto, cpu or cuda.", result.Failures!);
        Assert.Contains(result.Failures!, f => f.StartsWith("ExperimentHub:Workers:TrainingSlots: ", StringComparison.Ordinal));
        Assert.Contains(result.Failures!, f => f.StartsWith("ExperimentHub:DataDirectory: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_TakesTheDefaults() => Assert.True(new HubOptionsCheck().Validate(null, new HubOptions()).Succeeded);
}
