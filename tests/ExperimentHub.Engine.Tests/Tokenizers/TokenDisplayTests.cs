using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Engine.Tests.Tokenizers;

public sealed class TokenDisplayTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public void Of_ReadsBytesAsText_AndShowsHalfACharacterAsBytes()
    {
        var trainer = new TokenizerTrainer(new TokenizerTraining { Kind = TokenizerTraining.ByteLevelBpe, VocabularySize = 264 });
        trainer.Add("the the the the");   // learns th, the, ␣the …
        trainer.Train(cancellation: TestContext.Current.CancellationToken).Save(_directory.FullName);
        var tokenizer = Tokenizer.Load(_directory.FullName);

        Assert.Equal(["the", "␣the", "E4", "BD", "A0"], Shown(tokenizer, "the the你"));
        Assert.Equal("<|endoftext|>", TokenDisplay.Of(tokenizer, 0));
    }

    [Fact]
    public void Of_LeavesPiecesOfWordsAsTheirVocabularyWritesThem()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nplay\n##ing\n");

        Assert.Equal(["[CLS]", "play", "##ing", "[SEP]"], Shown(Tokenizer.Load(_directory.FullName), "playing"));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static IEnumerable<string> Shown(Tokenizer tokenizer, string text) => tokenizer.Encode(text).Ids.Select(id => TokenDisplay.Of(tokenizer, id));
}
