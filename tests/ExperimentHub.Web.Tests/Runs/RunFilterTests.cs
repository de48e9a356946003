using ExperimentHub.Engine.Configuration;
using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Runs;
using ExperimentHub.Web.Runs.Pages;
using ExperimentHub.Web.Runs.Table;

namespace ExperimentHub.Web.Tests.Runs;

public sealed class RunFilterTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("minilm", true)]
    [InlineData("MINILM head", true)]
    [InlineData("bert", false)]
    [InlineData("metrics.eval_f1 > 0.9", true)]
    [InlineData("metrics.eval_f1 > 0.95", false)]
    [InlineData("eval_f1>=0.92 and params.trainable = \"head\"", true)]
    [InlineData("params.learning_rate < 1e-4", true)]
    [InlineData("params.learning_rate = 5e-5", true)]
    [InlineData("status = finished", true)]
    [InlineData("status != finished", false)]
    [InlineData("metrics.test_f1 > 0", false)]
    [InlineData("name ~ lm-h", true)]
    public void Matches_ComparesFieldsAndLooksForWordsInTheName(string? filter, bool expected)
    {
        var run = new Run { Id = 1, OwnerId = "", Name = "minilm-head", ConfigJson = "{}", Status = RunStatus.Finished };
        var state = new RunState(
            run, new RunConfig { Trainable = "head" }, null,
            new Dictionary<string, SeriesSummary> { ["eval_f1"] = new("eval_f1", 3, 0.92, 10, 0, 0.8, 5, 0.93, 9) });

        Assert.Equal(expected, new RunFilter(filter).Matches(state));
    }
}
