using System.Text.Json;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Datasets;

public sealed class SplitterTests
{
    [Fact]
    public void Assign_GivesEachLabelItsShare_AsScikitLearnDoes()
    {
        var reference = JsonDocument.Parse(File.ReadAllText(Shared.Path("parity/data/splits.json"))).RootElement;
        var labels = reference.GetProperty("labels").EnumerateArray().Select(l => l.GetString()!).ToList();
        var classes = labels.Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var expected in reference.GetProperty("stratified").EnumerateArray())
        {
            var fractions = expected.GetProperty("fractions").EnumerateArray().Select(f => f.GetDouble()).ToArray();
            var settings = new SplitSettings { Train = fractions[0], Validation = fractions[1], Test = fractions[2], Seed = 7 };

            var splits = Splitter.Assign([.. labels.Select(l => classes.IndexOf(l))], settings);

            for (var split = 0; split < 3; split++)
            {
                var counts = expected.GetProperty("per_class").GetProperty(SplitNames.All[split]);
                foreach (var name in classes)
                {
                    Assert.Equal(counts.GetProperty(name).GetInt32(), splits.Where((s, i) => s == split && labels[i] == name).Count());
                }
            }
        }
    }

    [Theory]
    [InlineData(10, 0.2, 2)]
    [InlineData(11, 0.2, 3)]
    [InlineData(7, 0.1, 1)]
    [InlineData(101, 0.333, 34)]
    public void Assign_RoundsTheTestRowsUp(int rows, double share, int expected)
    {
        var splits = Splitter.Assign(new int[rows], new SplitSettings { Train = 1 - share, Validation = 0, Test = share });

        Assert.Equal(expected, splits.Count(s => s == 2));
    }

    [Fact]
    public void Assign_DependsOnTheSeedAndNothingElse()
    {
        var strata = Enumerable.Range(0, 1000).Select(i => i % 3).ToArray();

        Assert.Equal(Splitter.Assign(strata, new SplitSettings()), Splitter.Assign(strata, new SplitSettings()));
        Assert.NotEqual(Splitter.Assign(strata, new SplitSettings()), Splitter.Assign(strata, new SplitSettings { Seed = 43 }));
    }
}
