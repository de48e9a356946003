using System.IO.Compression;
using System.Text.Json;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Datasets;

public sealed class DatasetImporterTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public async Task ImportAsync_ReadsSst2_WhoseQuotesMeanNothing()
    {
        var info = await ImportAsync(Shared.Path("data/datasets/sst2/train.tsv"));

        Assert.Equal((60614, 0), (info.Rows, info.ProblemRows));
        Assert.Equal(("sentence", null, "label"), (info.TextColumn, info.TextPairColumn, info.LabelColumn));
        Assert.Equal(new Dictionary<string, long> { ["0"] = 26786, ["1"] = 33828 }, info.LabelCounts);
        Assert.Equal(new Dictionary<string, long> { ["train"] = 48490, ["validation"] = 6062, ["test"] = 6062 }, info.SplitCounts);
    }

    [Fact]
    public async Task ImportAsync_ReadsChineseReviews_WithTheirCommasInQuotes()
    {
        var info = await ImportAsync(Shared.Path("data/datasets/chnsenticorp_htl/ChnSentiCorp_htl_all.csv"));
        var reader = await DatasetReader.OpenAsync(FolderOf(info));

        Assert.Equal((7766, 0), (info.Rows, info.ProblemRows));
        Assert.Contains(info.Warnings, w => w.Message.Contains("6376", StringComparison.Ordinal));   // a review without text
        Assert.StartsWith("距离川沙公路较近,但是公交指示不对,如果是\"蔡陆线\"的话", (await reader.ReadRowsAsync([0]))[0].Text);
    }

    [Fact]
    public async Task ImportAsync_StoresTheSameFileOnce_AndAnotherSplitApart()
    {
        var file = Write("t.csv", "text,label\n" + Rows(50));

        var first = await ImportAsync(file);
        var again = await ImportAsync(file);
        var other = await ImportAsync(file, c => c with { Split = new SplitSettings { Seed = 1 } });

        Assert.Equal(first.Hash, again.Hash);
        Assert.Equal(first.Created, again.Created);
        Assert.NotEqual(first.Hash, other.Hash);
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(_directory.FullName, "store", "datasets")).Length);
    }

    [Fact]
    public async Task ImportAsync_KeepsDamagedRowsAsideWithTheirLines()
    {
        var file = Write("t.csv", "text,label\n" + Rows(20) + "only one field\nno label,\n" + Rows(5));

        var info = await ImportAsync(file);
        var problems = File.ReadLines(Path.Combine(FolderOf(info), DatasetInfo.ProblemsFileName))
            .Select(l => JsonSerializer.Deserialize<RowProblem>(l, WireJson.Options)!).ToList();

        Assert.Equal((25, 2), (info.Rows, info.ProblemRows));
        Assert.Equal([(22L, "fields"), (23L, "no_label")], problems.Select(p => (p.Line, p.Code)));
        Assert.Equal("only one field", problems[0].Raw);
    }

    [Fact]
    public async Task ImportAsync_UsesTheFilesOwnSplit()
    {
        var file = Write("t.csv", "text,label,split\na,x,train\nb,y,dev\nc,x,test\nd,y,training\ne,x,elsewhere\nf,x,train\n");

        var info = await ImportAsync(file, c => c with { Split = new SplitSettings { Kind = "column", Column = "split" } });

        Assert.Equal(new Dictionary<string, long> { ["train"] = 3, ["validation"] = 1, ["test"] = 1 }, info.SplitCounts);
        Assert.Equal(1, info.ProblemRows);
        Assert.Equal(new Dictionary<string, long> { ["x"] = 3, ["y"] = 2 }, info.LabelCounts);
    }

    [Fact]
    public async Task ImportAsync_GivesTheSameRows_FromAPackedFile()
    {
        var text = "text,label\n" + Rows(30);
        var packed = Path.Combine(_directory.FullName, "t.csv.gz");
        using (var gzip = new GZipStream(File.Create(packed), CompressionLevel.Optimal))
        {
            gzip.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }

        var plain = await ImportAsync(Write("t.csv", text));
        var unpacked = await ImportAsync(packed);

        Assert.Equal(plain.LabelCounts, unpacked.LabelCounts);
        Assert.Equal(plain.Rows, unpacked.Rows);
    }

    [Fact]
    public async Task ImportAsync_LeavesNothing_WhenCancelled()
    {
        var file = Write("t.csv", "text,label\n" + Rows(200_000));
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DatasetImporter.ImportAsync(
            new DatasetImport { File = file, FileName = "t.csv" }, Path.Combine(_directory.FullName, "store"), _ => cancellation.Cancel(), cancellation.Token));

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_directory.FullName, "store", "datasets")));
    }

    [Fact]
    public void Inspect_GivesTheReasonOfEveryGuess()
    {
        var preview = DatasetInspector.Inspect(new DatasetImport { File = Write("t.csv", "review;stars\n" + Rows(9).Replace(',', ';')), FileName = "t.csv" });

        Assert.Equal(";", preview.Source.Delimiter);
        Assert.Equal("Gives 2 columns in 10 of 10 records; comma would give 1.", preview.Guesses["delimiter"].Reason);
        Assert.Equal([ColumnRoles.Text, ColumnRoles.Label], preview.Columns.Select(c => c.Role));
        Assert.Equal(9, preview.Rows);
        Assert.True(preview.Whole);
        Assert.All(preview.Guesses.Values, g => Assert.NotEmpty(g.Reason));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static string Rows(int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"some words {i},{(i % 3 == 0 ? "neg" : "pos")}\n"));

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private string FolderOf(DatasetInfo info) => Path.Combine(_directory.FullName, "store", "datasets", info.Hash);

    private Task<DatasetInfo> ImportAsync(string file, Func<DatasetImport, DatasetImport>? change = null)
    {
        var chosen = new DatasetImport { File = file, FileName = Path.GetFileName(file) };
        return DatasetImporter.ImportAsync(change?.Invoke(chosen) ?? chosen, Path.Combine(_directory.FullName, "store"));
    }
}
