using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Engine.Tests.Tokenizers;

public sealed class TokenizerTrainerTests : IDisposable
{
    private static readonly string[] s_texts =
    [
        "The quick brown fox jumps over the lazy dog, and the dog sleeps.", "A lazy fox sleeps over the dog.", "Quick dogs jump over brown foxes.",
        "今天天气很好，适合出门散步。", "今天的天气不好，在家看书。",
    ];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    public static TheoryData<string> Kinds => [.. TokenizerTraining.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_LeavesATokenizerThatWritesTheTextsBack(string kind)
    {
        var learned = Train(kind, 320);

        var tokenizer = Tokenizer.Load(_directory.FullName);
        Assert.Equal(learned.VocabularySize, tokenizer.VocabularySize);
        foreach (var text in s_texts)
        {
            var encoding = tokenizer.Encode(text);
            var decoded = tokenizer.Decode(encoding.Ids);
            Assert.Equal(Comparable(kind, text), Comparable(kind, decoded));
            Assert.DoesNotContain(tokenizer.Special.Unknown ?? -1, encoding.Ids);
            Assert.All(Enumerable.Range(0, encoding.Length).Where(i => !encoding.IsSpecial(i)), i => Assert.True(encoding.Ends[i] > encoding.Starts[i]));
        }
    }

    [Fact]
    public void Train_GivesTheSameFile_ForTheSameTexts()
    {
        Train(TokenizerTraining.ByteLevelBpe, 400);
        var first = File.ReadAllBytes(Path.Combine(_directory.FullName, "tokenizer.json"));

        Train(TokenizerTraining.ByteLevelBpe, 400);

        Assert.Equal(first, File.ReadAllBytes(Path.Combine(_directory.FullName, "tokenizer.json")));
    }

    [Fact]
    public void Constructor_RefusesAKindThatIsNone() =>
        Assert.Equal("tokenizer.training_kind", Assert.Throws<InputException>(() => new TokenizerTrainer(new TokenizerTraining { Kind = "morse" })).Code);

    public void Dispose() => _directory.Delete(recursive: true);

    private TokenizerFile Train(string kind, int size)
    {
        var trainer = new TokenizerTrainer(new TokenizerTraining { Kind = kind, VocabularySize = size });
        foreach (var text in s_texts)
        {
            trainer.Add(text);
        }

        var learned = trainer.Train(cancellation: TestContext.Current.CancellationToken);
        learned.Save(_directory.FullName);
        return learned;
    }

    /// <summary>WordPiece forgets case and where spaces were.</summary>
    private static string Comparable(string kind, string text) =>
        kind == TokenizerTraining.WordPiece ? text.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant() : text;
}
