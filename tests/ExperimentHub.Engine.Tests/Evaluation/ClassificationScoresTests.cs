using System.Text.Json;
using ExperimentHub.Engine.Evaluation;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Evaluation;

public sealed class ClassificationScoresTests
{
    [Fact]
    public void Scores_AreScikitLearns()
    {
        var compared = 0;
        foreach (var entry in JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Shared.Path("parity", "metrics", "classification.json"))).EnumerateArray())
        {
            var weights = entry.GetProperty("sample_weight");
            var used = entry.GetProperty("used_labels").EnumerateArray().ToList();
            if (entry.GetProperty("labels").ValueKind != JsonValueKind.Null || weights.ValueKind != JsonValueKind.Null || used.Any(u => u.ValueKind != JsonValueKind.Number))
            {
                continue;
            }

            var ids = used.Select(u => u.GetInt32()).ToList();
            var scores = new ClassificationScores(Ids("y_true"), Ids("y_pred"), ids.Count);
            var value = entry.GetProperty("value");
            var expected = value.GetProperty("zero_division_0");
            var macro = expected.GetProperty("macro");
            var name = entry.GetProperty("name").GetString();
            AssertClose(value.GetProperty("accuracy"), scores.Accuracy, name);
            AssertClose(macro.GetProperty("precision"), scores.MacroPrecision, name);
            AssertClose(macro.GetProperty("recall"), scores.MacroRecall, name);
            AssertClose(macro.GetProperty("f1"), scores.MacroF1, name);
            for (var c = 0; c < ids.Count; c++)
            {
                AssertClose(expected.GetProperty("per_class").GetProperty("precision")[c], scores.Classes[c].Precision, name);
                AssertClose(expected.GetProperty("per_class").GetProperty("recall")[c], scores.Classes[c].Recall, name);
                AssertClose(expected.GetProperty("per_class").GetProperty("f1")[c], scores.Classes[c].F1, name);
                Assert.Equal(value.GetProperty("confusion_matrix")[c].EnumerateArray().Select(n => n.GetInt32()), scores.Confusion[c]);
            }

            compared++;

            int[] Ids(string field) => [.. entry.GetProperty(field).EnumerateArray().Select(v => ids.IndexOf(v.GetInt32()))];
        }

        Assert.True(compared >= 3, $"only {compared} cases");
    }

    [Fact]
    public void MacroAverages_LeaveOutClassesThatNeverOccur()
    {
        var scores = new ClassificationScores([0, 0, 1], [0, 1, 1], classes: 3);

        Assert.Equal([0, 1], scores.Occurring);
        Assert.Equal(2 / 3.0, scores.MacroF1, 1e-12);
        Assert.Equal(2 / 3.0, scores.MajorityAccuracy, 1e-12);
    }

    private static void AssertClose(JsonElement expected, double actual, string? name) =>
        Assert.True(Math.Abs(expected.GetDouble() - actual) < 1e-12, $"{name}: {expected} is not {actual}");
}
