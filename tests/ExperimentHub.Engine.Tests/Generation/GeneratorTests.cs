using ExperimentHub.Engine.Generation;
using ExperimentHub.Engine.Generation.Processors;

namespace ExperimentHub.Engine.Tests.Generation;

/// <summary>Search and sampling over a made-up model, against what must hold for any model.</summary>
public sealed class GeneratorTests
{
    private static readonly GenerationSettings s_settings = new() { MaxNewTokens = 12, EosTokenId = [1], TopK = 0 };

    [Fact]
    public void GreedySearch_TakesTheBestTokenEachTime()
    {
        var (tokens, reason) = Greedy([3, 4], s_settings);

        var written = new List<int> { 3, 4 };
        while (written.Count < 14 && (written.Count == 2 || written[^1] != 1))
        {
            written.Add(Scores.ArgMax(TableDecoding.Scores([.. written], 9, 0)));
        }

        Assert.Equal(written[2..], tokens);
        Assert.Equal(written[^1] == 1 ? FinishReason.EndToken : FinishReason.Length, reason);
    }

    [Fact]
    public void Batch_GivesWhatEachPromptGivesAlone_AndFinishedRowsCostNothing()
    {
        int[][] prompts = [[3, 4], [5], [2, 7, 8], [6, 6]];
        using var decoding = new TableDecoding(9);

        var together = Generator.Generate(decoding, prompts, s_settings);

        Assert.Equal(prompts.Select(p => Greedy(p, s_settings).Tokens), together.Select(t => t[0].Tokens));
        Assert.Equal(together.Sum(t => t[0].Tokens.Count), decoding.Work);
    }

    [Fact]
    public void SearchWithOneBeam_IsGreedySearch()
    {
        for (var first = 2; first < 9; first++)
        {
            using var decoding = new TableDecoding(9);
            var settings = s_settings with { NoRepeatNgramSize = 2 };
            var processing = new LogitsProcessing(settings, 9, 1, 13);

            var beam = new BeamSearch(decoding, settings, processing, new StopStrings([], null), 1, 13).Run([[first]], default);

            Assert.Equal(Greedy([first], settings).Tokens, beam[0][0].Tokens);
        }
    }

    [Theory]
    [InlineData(EarlyStopping.AtOnce)]
    [InlineData(EarlyStopping.WhenUnlikely)]
    [InlineData(EarlyStopping.WhenImpossible)]
    public void SearchWithAllBeams_FindsTheBestTextOfAll(EarlyStopping stopping)
    {
        const int Vocabulary = 4;
        using var decoding = new TableDecoding(Vocabulary);
        var settings = s_settings with { MaxNewTokens = 4, NumBeams = 64, NumReturnSequences = 3, LengthPenalty = 0, EarlyStopping = stopping };

        var found = Generator.Generate(decoding, [[2, 3]], settings)[0];

        var all = AllTexts([2, 3], 4, Vocabulary).OrderByDescending(t => t.Score).ToList();
        Assert.Equal(all.Take(3).Select(t => t.Tokens), found.Select(f => f.Tokens.ToArray()));
        Assert.All(found.Zip(all), pair => Assert.Equal(pair.Second.Score, pair.First.Score!.Value, 1e-4));
    }

    [Fact]
    public void Sampling_IsTheSameForTheSameSeed_AloneAndInABatch()
    {
        var settings = s_settings with { DoSample = true, Seed = 7, NumReturnSequences = 3 };
        using var one = new TableDecoding(9);
        using var two = new TableDecoding(9);
        using var three = new TableDecoding(9);

        var alone = Generator.Generate(one, [[3, 4]], settings)[0];
        var inBatch = Generator.Generate(two, [[5], [3, 4]], settings)[1];
        var otherSeed = Generator.Generate(three, [[3, 4]], settings with { Seed = 8 })[0];

        Assert.Equal(alone.Select(s => s.Tokens), inBatch.Select(s => s.Tokens));
        Assert.NotEqual(alone[0].Tokens, alone[1].Tokens);
        Assert.NotEqual(alone.Select(s => s.Tokens), otherSeed.Select(s => s.Tokens));
    }

    [Fact]
    public void Sampling_FollowsTheProbabilities()
    {
        const int Draws = 40_000;
        var scores = TableDecoding.Scores([2, 3], 6, 0);
        var counts = new int[6];

        for (var i = 0; i < Draws; i++)
        {
            counts[TokenChoice.Sample(scores, CounterRandom.Uniform(11, 0, (ulong)i))]++;
        }

        var expected = new float[6];
        Scores.Softmax(scores, expected);
        Assert.All(counts.Zip(expected), pair => Assert.Equal(pair.Second, (double)pair.First / Draws, 4 * Math.Sqrt(pair.Second / (double)Draws)));
    }

    [Fact]
    public void Draft_ChangesNothingButTheWork()
    {
        var settings = s_settings with { MaxNewTokens = 40, RepetitionPenalty = 1.1 };
        for (var first = 2; first < 9; first++)
        {
            foreach (var salt in new[] { 0, 1 })
            {
                using var decoding = new TableDecoding(9);
                using var draft = new TableDecoding(9, salt);

                Assert.Equal(Greedy([first, 2], settings).Tokens, AssistedSearch.Generate(decoding, draft, [first, 2], settings).Tokens);
            }
        }
    }

    [Fact]
    public void LogProbabilities_AreThoseOfTheModel_WhateverThePenalties()
    {
        using var decoding = new TableDecoding(9);

        var sequence = Generator.Generate(decoding, [[3, 4]], s_settings with { TopLogProbabilities = 2, SuppressTokens = [0, 2, 3], MinNewTokens = 5 })[0][0];

        var raw = TableDecoding.Scores([3, 4], 9, 0);
        Scores.LogSoftmax(raw);
        var first = sequence.LogProbabilities[0];
        Assert.Equal(sequence.Tokens.Count, sequence.LogProbabilities.Count);
        Assert.Equal(raw[first.Token], first.LogProbability, 1e-5);
        Assert.Equal(raw.OrderDescending().Take(2), first.Top.Select(t => t.LogProbability), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Prompt_ThatCannotBe_IsTold()
    {
        using var decoding = new TableDecoding(9, maxLength: 3);

        Assert.Equal("generation.empty", Assert.Throws<InputException>(() => Generator.Generate(decoding, [[]], s_settings)).Code);
        Assert.Equal("generation.too_long", Assert.Throws<InputException>(() => Generator.Generate(decoding, [[2, 3, 4]], s_settings)).Code);
        Assert.Equal("generation.token", Assert.Throws<InputException>(() => Generator.Generate(decoding, [[9]], s_settings)).Code);
        Assert.Equal("generation.token", Assert.Throws<InputException>(() => Generator.Generate(decoding, [[2]], s_settings with { ForcedEosTokenId = [9] })).Code);
    }

    private static (IReadOnlyList<int> Tokens, FinishReason Reason) Greedy(int[] prompt, GenerationSettings settings)
    {
        using var decoding = new TableDecoding(9);
        var sequence = Generator.Generate(decoding, [prompt], settings)[0][0];
        return (sequence.Tokens, sequence.Reason);
    }

    private static IEnumerable<(int[] Tokens, double Score)> AllTexts(int[] tokens, int left, int vocabulary)
    {
        var scores = TableDecoding.Scores(tokens, vocabulary, 0);
        Scores.LogSoftmax(scores);
        foreach (var token in Enumerable.Range(0, vocabulary))
        {
            if (token == 1 || left == 1)
            {
                yield return ([token], scores[token]);
                continue;
            }

            foreach (var (rest, score) in AllTexts([.. tokens, token], left - 1, vocabulary))
            {
                yield return ([token, .. rest], scores[token] + score);
            }
        }
    }
}
