using ExperimentHub.Web.Metrics;
using ExperimentHub.Web.Runs.Pages;

namespace ExperimentHub.Web.Tests.Runs;

public sealed class RunHealthTests
{
    [Fact]
    public void Judge_SaysImproving_WhenTheLastEvaluationIsTheBest() =>
        Assert.Equal("Improving", RunHealth.Judge(Curve(0.7, 0.5, 0.4, 0.3), Curve(0.6, 0.5, 0.4), Curve(0.7, 0.8, 0.9), true).Key);

    [Fact]
    public void Judge_SaysOverfitting_WhenTheEvalLossRisesAndTheMetricFalls()
    {
        var health = RunHealth.Judge(Curve(0.7, 0.5, 0.3, 0.1), Curve(0.6, 0.4, 0.5, 0.6), Curve(0.7, 0.9, 0.88, 0.87), true);

        Assert.Equal("Overfitting", health.Key);
        Assert.Equal([1L, 1L], health.Values);
        Assert.True(health.IsWarning);
    }

    [Fact]
    public void Judge_SaysPlateau_WhenThreeEvaluationsBroughtNothing() =>
        Assert.Equal("Plateau", RunHealth.Judge(Curve(0.5, 0.5, 0.5, 0.5), Curve(0.4, 0.4, 0.4, 0.4), Curve(0.9, 0.89, 0.9, 0.88), true).Key);

    [Fact]
    public void Judge_KnowsThatALowerLossIsBetter() =>
        Assert.Equal("Improving", RunHealth.Judge(Curve(0.7, 0.5, 0.4), Curve(0.6, 0.5, 0.4), Curve(0.6, 0.5, 0.4), false).Key);

    [Fact]
    public void Judge_NamesTheStep_WhenTheLossIsNoNumber()
    {
        var health = RunHealth.Judge(Curve(0.7, 0.6, double.NaN, double.NaN), [], [], true);

        Assert.Equal("NotFinite", health.Key);
        Assert.Equal([2L], health.Values);
    }

    [Fact]
    public void Judge_SaysDiverging_WhenTheLossClimbsAboveItsStart()
    {
        var rising = Enumerable.Range(0, 40).Select(i => i < 20 ? 0.7 - (0.01 * i) : 0.5 + (0.05 * (i - 20))).ToArray();

        Assert.Equal("Diverging", RunHealth.Judge(Curve(rising), [], [], true).Key);
    }

    [Fact]
    public void Judge_Waits_WhenNothingHasRun() => Assert.Equal("Waiting", RunHealth.Judge([], [], [], true).Key);

    private static MetricPoint[] Curve(params double[] values) => [.. values.Select((v, i) => new MetricPoint(i, v, 0))];
}
