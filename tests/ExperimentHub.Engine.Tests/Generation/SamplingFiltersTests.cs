using ExperimentHub.Engine.Generation;
using ExperimentHub.Engine.Generation.Processors;

namespace ExperimentHub.Engine.Tests.Generation;

/// <summary>The filters that select without sorting, against the same written with a sort, over vocabularies of many sizes.</summary>
public sealed class SamplingFiltersTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(1000)]
    [InlineData(4099)]
    public void TopK_KeepsTheBest(int vocabulary)
    {
        foreach (var k in new[] { 1, 2, 7, vocabulary })
        {
            var scores = Random(vocabulary, k);
            var expected = scores.OrderDescending().Take(k).ToHashSet();

            new SamplingFilters(vocabulary).TopK(scores, k);

            Assert.Equal(expected, scores.Where(float.IsFinite).ToHashSet());
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(1000)]
    [InlineData(4099)]
    public void TopP_KeepsTheFewestThatComeToIt(int vocabulary)
    {
        foreach (var p in new[] { 0.01, 0.3, 0.9, 0.999 })
        {
            var scores = Random(vocabulary, (int)(p * 1000));
            var probabilities = new float[vocabulary];
            Scores.Softmax(scores, probabilities);
            var expected = new HashSet<float>();
            var sum = 0.0;
            foreach (var (score, probability) in scores.Zip(probabilities).OrderByDescending(s => s.First))
            {
                if (sum >= p)
                {
                    break;
                }

                expected.Add(score);
                sum += probability;
            }

            new SamplingFilters(vocabulary).TopP(scores, p);

            Assert.Equal(expected, scores.Where(float.IsFinite).ToHashSet());
        }
    }

    [Fact]
    public void Filters_KeepTheBestTokenOfScoresThatAreMostlyForbidden()
    {
        var filters = new SamplingFilters(100);
        Action<float[]>[] all =
        [
            s => filters.TopK(s, 1), s => filters.TopP(s, 1e-9), s => filters.MinP(s, 1), s => filters.TypicalP(s, 1e-9), s => filters.Epsilon(s, 0.999),
            s => filters.Eta(s, 0.999), s => filters.TopH(s, 0), s => filters.TopP(s, 0.5, minimum: 2), s => filters.Epsilon(s, 0.999, minimum: 2),
        ];
        foreach (var filter in all)
        {
            var scores = Enumerable.Repeat(float.NegativeInfinity, 100).ToArray();
            (scores[41], scores[42], scores[43]) = (-3, 5, -2);

            filter(scores);

            Assert.Equal(5, scores[42]);
            Assert.Equal(float.NegativeInfinity, scores[41]);
        }
    }

    private static float[] Random(int count, int salt) => [.. Enumerable.Range(0, count).Select(i => (float)(10 * CounterRandom.Uniform(3, (ulong)salt, (ulong)i)))];
}
