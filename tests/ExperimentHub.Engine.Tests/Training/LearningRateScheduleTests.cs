using System.Text.Json;
using ExperimentHub.Engine.Training;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData("linear", "linear")]
    [InlineData("cosine", "cosine")]
    [InlineData("constant_with_warmup", "constant")]
    public void Factor_IsTheReferences_AtEachStep(string reference, string kind)
    {
        var compared = 0;
        foreach (var entry in JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Shared.Path("parity", "schedulers", "schedules.json"))).EnumerateArray())
        {
            if (entry.GetProperty("name").GetString() != reference || !entry.TryGetProperty("num_warmup_steps", out var warmup) || entry.GetProperty("kwargs").EnumerateObject().Any())
            {
                continue;
            }

            var schedule = new LearningRateSchedule(kind, warmup.GetInt64(), entry.GetProperty("num_training_steps").GetInt64());
            var step = 0;
            foreach (var factor in entry.GetProperty("multiplier").EnumerateArray())
            {
                // Past its end the reference's cosine rises again; ours stays at 0.
                if (step <= schedule.TotalSteps)
                {
                    Assert.Equal(factor.GetDouble(), schedule.Factor(step), 1e-12);
                }

                step++;
                compared++;
            }
        }

        Assert.True(compared > 50);
    }

    [Theory]
    [InlineData(0.06, 101, 7)]
    [InlineData(0.06, 99, 6)]
    [InlineData(0.1, 100, 10)]
    [InlineData(0, 100, 0)]
    public void Create_RoundsTheWarmupUp(double ratio, long total, long expected) =>
        Assert.Equal(expected, LearningRateSchedule.Create("linear", ratio, total).WarmupSteps);
}
