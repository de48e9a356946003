using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Datasets.Tokens;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Engine.Tokenizers.Training;

namespace ExperimentHub.Engine.Tests.Datasets;

public sealed class DatasetTokenizerTests : IDisposable
{
    private readonly DirectoryInfo _store = Directory.CreateTempSubdirectory("experimenthub-");

    public static TheoryData<string> Kinds => [.. TokenizerTraining.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task TrainAsync_StoresATokenizer_ThatWritesTheTexts(string kind)
    {
        var order = await OrderAsync(kind);

        var info = await DatasetTokenizer.TrainAsync(order, _store.FullName, (_, _, _) => { }, TestContext.Current.CancellationToken);

        var tokenizer = Tokenizer.Load(TokenizerStore.Find(_store.FullName, info.Hash)!);
        Assert.Equal((info.VocabularySize, kind, 40), (tokenizer.VocabularySize, info.Kind, info.Texts));
        Assert.InRange(info.VocabularySize, 20, kind == TokenizerTraining.ByteLevelBpe ? 258 : 120);   // every byte is a token
        Assert.Equal("a lovely room", tokenizer.Decode(tokenizer.Encode("a lovely room").Ids).Trim());
        Assert.Equal(info, await DatasetTokenizer.TrainAsync(order, _store.FullName, (_, _, _) => { }, TestContext.Current.CancellationToken));   // the same texts give the same tokenizer
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_store.FullName, "tokenizers"), "*.tmp"));
    }

    [Fact]
    public async Task TrainAsync_LeavesNothing_WhenItIsCancelled()
    {
        using var cancelled = new CancellationTokenSource();
        var order = await OrderAsync(TokenizerTraining.ByteLevelBpe, vocabulary: 400);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DatasetTokenizer.TrainAsync(order, _store.FullName, (stage, _, _) => Cancel(stage), cancelled.Token));

        Assert.False(Directory.Exists(Path.Combine(_store.FullName, "tokenizers")));

        void Cancel(string stage)
        {
            if (stage == "vocabulary")
            {
                cancelled.Cancel();
            }
        }
    }

    [Fact]
    public async Task VocabularyList_TellsWhatEachTokenWasJoinedFrom()
    {
        var info = await DatasetTokenizer.TrainAsync(await OrderAsync(TokenizerTraining.ByteLevelBpe, vocabulary: 400), _store.FullName, (_, _, _) => { }, TestContext.Current.CancellationToken);
        var vocabulary = new VocabularyList(Tokenizer.Load(TokenizerStore.Find(_store.FullName, info.Hash)!));

        var (total, all) = vocabulary.Find("", 0, 1000);
        var (found, lovely) = vocabulary.Find("lovely", 0, 10);

        Assert.Equal(info.VocabularySize, total);
        Assert.Equal(all.Select(e => e.Id).Order(), all.Select(e => e.Id));
        Assert.True(all[0].Special);
        var joined = all.Where(e => e.Left is not null).ToList();
        Assert.Equal(total - 2 - 256, joined.Count);
        Assert.All(joined, e => Assert.Equal(e.Shown, e.Left + e.Right));
        Assert.Equal("␣lovely", Assert.Single(lovely).Shown);
        Assert.Equal(1, found);
        Assert.Equal(all.Skip(5).Take(3), vocabulary.Find("", 5, 3).Entries);
    }

    public void Dispose() => _store.Delete(recursive: true);

    private async Task<TokenizerOrder> OrderAsync(string kind, int vocabulary = 120)
    {
        var file = Path.Combine(_store.FullName, "rows.csv");
        await File.WriteAllLinesAsync(file, ["text,label,split", .. Enumerable.Range(0, 40).Select(i => $"{(i % 2 == 0 ? "a lovely room" : "a shabby room")} of house {i},{(i % 2 == 0 ? "good" : "bad")},train"), "unseen 电影,good,test"]);
        var info = await DatasetImporter.ImportAsync(new DatasetImport { File = file, FileName = "rows.csv" }, _store.FullName);
        return new TokenizerOrder { Name = "mine", Dataset = info.Hash, Kind = kind, VocabularySize = vocabulary };
    }
}
