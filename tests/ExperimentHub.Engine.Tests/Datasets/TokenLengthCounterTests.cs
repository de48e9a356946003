using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Datasets.Tokens;

namespace ExperimentHub.Engine.Tests.Datasets;

public sealed class TokenLengthCounterTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public async Task CountAsync_CountsEveryRowOfEverySplit_WithTheFrameOfTheModel()
    {
        var rows = Enumerable.Range(1, 40).Select(i => $"{string.Join(' ', Enumerable.Repeat("word", i % 4 == 0 ? 9 : 2))},{(i % 2 == 0 ? "a" : "b")}");

        var lengths = await CountAsync(rows);

        Assert.Equal((40, (30 * 4) + (10 * 11)), (lengths.Rows, lengths.Tokens));
        Assert.Equal([new LengthCount(4, 30), new LengthCount(11, 10)], lengths.Counts);
        Assert.Equal((0.25, 0, 1), (lengths.ShareAbove(4), lengths.ShareAbove(11), lengths.ShareAbove(3)));
        Assert.Equal((4, 11, 11), (lengths.Quantile(0.75), lengths.Quantile(0.76), lengths.Longest));
    }

    [Fact]
    public async Task CountAsync_MeasuresHowMuchTextATokenHolds_AndWhatItCannotWrite()
    {
        var lengths = await CountAsync(["word word,a", "word 电😀,b"]);

        Assert.Equal((4, 16, 21), (lengths.FrameTokens, lengths.Characters, lengths.Bytes));
        Assert.Equal((9, 2), (lengths.Tokens, lengths.UnknownTokens));   // the character of Chinese is a word by itself, and the face another
        Assert.Equal((4, 6), (lengths.UsedTokens, lengths.VocabularySize));
        Assert.Equal(3.2, lengths.CharactersPerToken);
        Assert.Equal(0.4, lengths.UnknownShare);
    }

    [Fact]
    public async Task CountAsync_RoundsUp_WhatIsVeryLong()
    {
        var lengths = await CountAsync([string.Join(' ', Enumerable.Repeat("word", 5000)) + ",a", "word,b", "word,a"]);

        Assert.Equal([new LengthCount(3, 2), new LengthCount(5120, 1)], lengths.Counts);
        Assert.Equal(5002 + 6, lengths.Tokens);   // the sum stays exact
    }

    [Fact]
    public async Task CountAsync_EndsWhenItIsCancelled()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CountAsync(["word,a", "word,b"], cancelled.Token));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task<TokenLengths> CountAsync(IEnumerable<string> rows, CancellationToken cancellation = default)
    {
        var file = Path.Combine(_directory.FullName, "rows.csv");
        await File.WriteAllLinesAsync(file, ["text,label", .. rows], CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nword\n", CancellationToken.None);
        var info = await DatasetImporter.ImportAsync(new DatasetImport { File = file, FileName = "rows.csv" }, _directory.FullName, cancellation: CancellationToken.None);
        return await TokenLengthCounter.CountAsync(Path.Combine(_directory.FullName, "datasets", info.Hash), _directory.FullName, (_, _) => { }, cancellation);
    }
}
