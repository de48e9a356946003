using ExperimentHub.Engine.Tokenizers.Training;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Tokenizers;

public sealed class UnigramTrainerTests
{
    [Fact]
    public void Train_LearnsWhatTheLibraryLearns()
    {
        // tokenizers 0.23.3 gives these for the same text (characters that were dropped keep a place at the end, in no certain order).
        (string, double)[] expected =
        [
            ("▁the", -1.5907071583438095), ("▁", -1.9839152832279083), ("ther", -1.9962468447943755), ("o", -2.234291511139606),
            ("e", -2.734291511139582), ("m", -2.734291511139606), ("n", -2.7342915111396073), ("r", -3.3034457642234702),
        ];

        var learned = Train(30);

        Assert.Equal(("<unk>", 0), learned.Tokens[0]);
        foreach (var (token, score) in expected)
        {
            Assert.Equal(score, learned.Tokens.Single(t => t.Token == token).Score, 1e-9);
        }

        Assert.Equal(12, learned.Tokens.Count);
    }

    [Fact]
    public void Train_DropsTheTokensThatTheLibraryDrops()
    {
        Assert.SkipUnless(Shared.Exists, "shared/ is not here");
        var trainer = new UnigramTrainer(new UnigramTraining { Size = 800 });
        foreach (var line in File.ReadAllText(Shared.Path("parity/tokenizers/training/corpus.english.txt")).TrimEnd('\n').Split('\n'))
        {
            trainer.Add(line);
        }

        var learned = trainer.Train(cancellation: TestContext.Current.CancellationToken).Tokens.ToDictionary(t => t.Token, t => t.Score);

        // tokenizers 0.23.3 for the same lines: four rounds of pruning lead here, so that one other choice changes every score.
        Assert.Equal(-3.023132037245655, learned["▁"], 1e-9);
        Assert.Equal(-3.76565122136196, learned["▁the"], 1e-9);
        Assert.Equal(-6.26821812326446, learned["has"], 1e-9);
        Assert.Equal(-7.158621508634363, learned["▁they"], 1e-9);
        Assert.Equal(-7.1633543285986185, learned["ard"], 1e-9);
        Assert.DoesNotContain("▁wage", learned.Keys);
    }

    [Fact]
    public void Train_Refuses_WhenTheCharactersDoNotFit()
    {
        Assert.Equal("tokenizer.vocabulary_small", Assert.Throws<InputException>(() => Train(5)).Code);
    }

    private static UnigramVocabulary Train(int size)
    {
        var trainer = new UnigramTrainer(new UnigramTraining { Size = size });
        trainer.Add("the theme then there other brother mother the then");
        return trainer.Train(cancellation: TestContext.Current.CancellationToken);
    }
}
