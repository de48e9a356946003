using System.Text.Json;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Datasets.Reading;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Tests.Datasets;

public sealed class DatasetReaderTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    [Fact]
    public async Task ReadAsync_GivesTheRowsOfTheSplitInOrder()
    {
        await WriteAsync();
        var reader = await DatasetReader.OpenAsync(_directory.FullName);

        var rows = await reader.ReadAsync("validation").ToListAsync();

        Assert.Equal(["negative", "positive"], reader.Labels);
        Assert.Equal([new DatasetRow(1, "bad", "q1", 0), new DatasetRow(3, "", null, -1)], rows);
    }

    [Fact]
    public async Task ReadRowsAsync_GivesRowsInTheOrderAskedFor()
    {
        await WriteAsync();
        var reader = await DatasetReader.OpenAsync(_directory.FullName, labelColumn: "n");

        var rows = await reader.ReadRowsAsync([2, 99, 0, 2]);

        Assert.Equal([2L, 0, 2], rows.Select(r => r.Row));
        Assert.Equal(["2", "10"], reader.Labels);   // numbers by value, not by letter
        Assert.Equal([1, 0, 1], rows.Select(r => r.Label));
    }

    [Fact]
    public async Task OpenAsync_NamesTheColumn_WhenItDoesNotExist()
    {
        await WriteAsync();

        var fault = await Assert.ThrowsAsync<InputException>(() => DatasetReader.OpenAsync(_directory.FullName, textColumn: "review"));

        Assert.Contains("'review'", fault.Message);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task WriteAsync()
    {
        DatasetColumn[] columns =
        [
            new("text", "string", "text"), new("question", "string", "text_pair"), new("label", "string", "label"), new("n", "int64", "other"),
        ];
        string?[][] cells =
        [
            ["good", "q0", "positive", "2"], ["bad", "q1", "negative", "2"], ["上好", null, "positive", "10"], [null, null, null, null],
        ];
        await using (var stream = File.Create(Path.Combine(_directory.FullName, DatasetInfo.RowsFileName)))
        await using (var writer = await RowsWriter.CreateAsync(stream, columns, default))
        {
            for (var i = 0; i < cells.Length; i++)
            {
                var row = new Row();
                row.Clear(i + 2);
                foreach (var cell in cells[i])
                {
                    row.Append(System.Text.Encoding.UTF8.GetBytes(cell ?? ""));
                    row.EndCell(cell is null ? CellKind.Missing : CellKind.Text);
                }

                await writer.AddAsync(i, i % 2 == 0 ? "train" : "validation", row, [0, 1, 2, 3], default);
                if (i == 1)
                {
                    await writer.FlushAsync(default);   // two row groups
                }
            }

            await writer.FlushAsync(default);
        }

        var info = new DatasetInfo
        {
            Hash = new string('a', 64),
            Name = "t",
            FileName = "t.csv",
            SourceHash = new string('b', 64),
            SourceBytes = 1,
            Rows = 4,
            ProblemRows = 0,
            Columns = columns,
            Task = "sequence_classification",
            TextColumn = "text",
            TextPairColumn = "question",
            LabelColumn = "label",
            Labels = ["negative", "positive"],
            SplitCounts = new Dictionary<string, long> { ["train"] = 2, ["validation"] = 2, ["test"] = 0 },
            Split = new SplitSettings(),
            Source = new SourceFormat(),
        };
        File.WriteAllBytes(Path.Combine(_directory.FullName, DatasetInfo.InfoFileName), JsonSerializer.SerializeToUtf8Bytes(info, WireJson.Indented));
    }
}
