using ExperimentHub.Engine.Tokenizers.Training;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Tokenizers;

public sealed class WordPieceTrainerTests
{
    [Fact]
    public void Train_LearnsWhatTheLibraryLearns()
    {
        var vocabulary = Train(1000);
        var always = Tokens("always.txt");
        var sometimes = Tokens("sometimes.txt");

        Assert.Equal(1000, vocabulary.Count);
        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], vocabulary.Take(5));
        Assert.Empty(always.Except(vocabulary));
        Assert.Empty(vocabulary.Except(always).Except(sometimes));
    }

    [Fact]
    public void Train_GivesTheSameVocabulary_WhateverTheOrderOfTheTexts()
    {
        Assert.Equal(Train(600), Train(600, lines => lines.Reverse()));
    }

    private static IReadOnlyList<string> Train(int size, Func<IEnumerable<string>, IEnumerable<string>>? order = null)
    {
        var lines = File.ReadAllText(Shared.Path("parity/tokenizers/training/corpus.english.txt")).Split('\n').Select(l => l + "\n");
        var trainer = new WordPieceTrainer(size);
        foreach (var line in order?.Invoke(lines) ?? lines)
        {
            trainer.Add(line);
        }

        return trainer.Train();
    }

    private static string[] Tokens(string name) =>
        File.ReadAllText(Shared.Path("parity/tokenizers/training/wordpiece", name)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
