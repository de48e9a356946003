using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Engine.Tests.Tokenizers;

public sealed class BytePairTrainerTests
{
    [Fact]
    public void Train_JoinsTheMostFrequentPairFirst()
    {
        var learned = Train(new BytePairTraining { Size = 260, Special = ["<s>"] }, "abab abab ab");

        Assert.Equal("<s>", learned.Tokens[0]);
        Assert.Equal([("a", "b"), ("Ġ", "ab"), ("ab", "ab")], learned.Merges);   // of equally frequent pairs the one with the smaller ids
    }

    [Fact]
    public void Train_StopsAtTheLeastCount_AndAtTheLongestToken()
    {
        Assert.Equal([("a", "b")], Train(new BytePairTraining { Size = 300, LeastCount = 4 }, "abab abab ab").Merges);
        Assert.Equal([("a", "b"), ("Ġ", "ab")], Train(new BytePairTraining { Size = 300, LongestToken = 4 }, "abab abab ab").Merges);
    }

    private static BytePairVocabulary Train(BytePairTraining training, string text)
    {
        var trainer = new BytePairTrainer(training);
        trainer.Add(text);
        return trainer.Train(cancellation: TestContext.Current.CancellationToken);
    }
}
