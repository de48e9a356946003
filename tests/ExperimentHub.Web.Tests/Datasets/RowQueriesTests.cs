using ExperimentHub.Engine.Datasets;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Datasets.Rows;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace ExperimentHub.Web.Tests.Datasets;

public sealed class RowQueriesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");
    private readonly HubPaths _paths;
    private readonly RowQueries _queries;

    public RowQueriesTests()
    {
        _paths = new HubPaths(Options.Create(new HubOptions { DataDirectory = _directory.FullName }), new Environment());
        _queries = new RowQueries(_paths);
    }

    [Fact]
    public async Task ReadAsync_GivesAPageInTheOrderOfTheFile()
    {
        var info = await ImportAsync("text,label\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"row number {i},{i % 2}\n")));

        var rows = await _queries.ReadAsync(info, new RowFilter(), 120, 3);

        Assert.Equal([120L, 121, 122], rows.Select(r => r.Number));
        Assert.Equal((122L, "row number 120", "0", 14), (rows[0].Line, rows[0].Text, rows[0].Label, rows[0].Length));
    }

    [Fact]
    public async Task CountAsync_CountsWhatTheFilterLeaves()
    {
        var info = await ImportAsync("text,label\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"Row {i} it's,{(i < 30 ? "it's" : "b")}\n")));

        Assert.Equal(100, await _queries.CountAsync(info, new RowFilter()));
        Assert.Equal(30, await _queries.CountAsync(info, new RowFilter { Label = "it's" }));
        Assert.Equal(11, await _queries.CountAsync(info, new RowFilter { Search = "ROW 1" }));
        Assert.Equal(80, await _queries.CountAsync(info, new RowFilter { Split = "train" }));
        Assert.Equal(0, await _queries.CountAsync(info, new RowFilter { Search = "') OR true --" }));
        Assert.Equal(["Row 5 it's"], (await _queries.ReadAsync(info, new RowFilter { Search = "row 5 " }, 0, 10)).Select(r => r.Text));
    }

    [Fact]
    public async Task SampleAsync_GivesTheSameTrainingRowsEachTime_CutToALength()
    {
        var info = await ImportAsync("text,label\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"row number {i},{i % 2}\n")));
        var train = (await _queries.ReadAsync(info, new RowFilter { Split = "train" }, 0, 300)).Select(r => r.Text).ToHashSet();

        var sample = await _queries.SampleAsync(info, null, null, 50, 100);

        Assert.Equal(50, sample.Select(s => s.Text).Distinct().Count());
        Assert.All(sample, s => Assert.Contains(s.Text, train));
        Assert.Equal(sample, await _queries.SampleAsync(info, null, null, 50, 100));
        Assert.True(sample.Max(s => int.Parse(s.Text[11..], System.Globalization.CultureInfo.InvariantCulture)) > 150, "spread over the file");
        Assert.All(await _queries.SampleAsync(info, "text", "no_such_column", 5, 3), s => Assert.Equal(("row", null), s));
    }

    [Fact]
    public async Task ReadAsync_TakesAnyNameOfAColumn()
    {
        var info = await ImportAsync("\"a \"\"quoted\"\"; name\",label\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"some longer words {i},x{i % 2}\n")));

        Assert.Equal("a \"quoted\"; name", info.TextColumn);
        Assert.Equal("some longer words 7", (await _queries.ReadAsync(info, new RowFilter { Search = "words 7" }, 0, 5))[0].Text);
    }

    public void Dispose()
    {
        _queries.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task<DatasetInfo> ImportAsync(string text)
    {
        var file = Path.Combine(_directory.FullName, "t.csv");
        await File.WriteAllTextAsync(file, text);
        return await DatasetImporter.ImportAsync(new DatasetImport { File = file, FileName = "t.csv" }, _paths.Store);
    }

    private sealed class Environment : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Test";

        public string ApplicationName { get; set; } = "Test";

        public string ContentRootPath { get; set; } = "/";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
