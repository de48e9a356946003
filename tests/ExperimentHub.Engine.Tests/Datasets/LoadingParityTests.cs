using System.Globalization;
using System.Text.Json;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Tests;

namespace ExperimentHub.Engine.Tests.Datasets;

/// <summary>
/// Against what the libraries make of small files (shared/parity/data/loading.json), except where they do something silently that a
/// person would not want: those are listed with the reason.
/// </summary>
public sealed class LoadingParityTests : IDisposable
{
    private static readonly Dictionary<string, string> s_different = new(StringComparer.Ordinal)
    {
        ["ragged_short.csv"] = "a row with too few fields is set aside",
        ["first_row_longer.csv"] = "a trap of the library",
        ["trailing_comma.csv"] = "a trap of the library",
        ["null_words.csv"] = "a trap of the library: words stay words",
        ["leading_zeros.csv"] = "a trap of the library: 007 stays 007",
        ["blank_lines.csv"] = "a row of nothing but commas has no text and is set aside",
        ["header_only.csv"] = "refused",
        ["same_names.csv"] = "repeated names are numbered otherwise",
        ["unnamed_column.csv"] = "an unnamed column is called column_1",
        ["names_with_spaces.csv"] = "names are trimmed",
        ["semicolon.csv"] = "the delimiter is guessed here",
        ["nul.csv"] = "a NUL is set aside",
        ["wrong_encoding.csv"] = "the encoding is found here",
        ["field.json"] = "an object that holds a list is refused",
        ["object_whole.json"] = "an object that is no row is refused",
        ["columns.json"] = "an object that is no row is refused",
        ["repeated_key.json"] = "a key twice is set aside",
        ["nan.jsonl"] = "NaN is no JSON and is set aside",
        ["huge_ints.csv"] = "text, not an error: nothing is lost",
        ["huge_ints.jsonl"] = "a trap of the library",
        ["floats.csv"] = "words such as inf make the column text",
        ["uint64.csv"] = "text, as 64 bits with a sign do not hold it",
        ["int_then_float.jsonl"] = "a row with nothing in it is set aside",
        ["mixed_column.jsonl"] = "mixed kinds are kept as text",
        ["nested_ragged.jsonl"] = "nested values are kept as JSON text",
        ["thousands.csv"] = "one column without a usual name: its first line is taken for a value",
    };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("experimenthub-");

    public static TheoryData<string> Cases()
    {
        var cases = new TheoryData<string>();
        foreach (var entry in Shared.Exists ? JsonDocument.Parse(File.ReadAllText(Shared.Path("parity/data/loading.json"))).RootElement.EnumerateArray() : default)
        {
            var file = Path.GetFileName(entry.GetProperty("file").GetString()!);
            if (entry.GetProperty("format").GetString() is "csv" or "json" && !s_different.ContainsKey(file))
            {
                cases.Add(file);
            }
        }

        if (!Shared.Exists)
        {
            cases.Add("none");
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task ImportAsync_GivesTheRowsOfTheLibrary(string file)
    {
        var path = Shared.Path("parity/data/files", file);
        var expected = JsonDocument.Parse(File.ReadAllText(Shared.Path("parity/data/loading.json"))).RootElement.EnumerateArray()
            .First(e => e.GetProperty("file").GetString() == $"files/{file}");
        var chosen = new DatasetImport { File = path, FileName = file, TextColumn = "", LabelColumn = "", TextPairColumn = "" };
        DatasetInfo? info = null;
        var message = "";
        try
        {
            info = await DatasetImporter.ImportAsync(chosen, _directory.FullName);
        }
        catch (InputException e)
        {
            message = e.Message;
        }

        if (expected.TryGetProperty("fault_line", out var line) && line.ValueKind == JsonValueKind.Number)
        {
            // The line is named, in the refusal or among the rows set aside.
            var problems = info is null ? "" : File.ReadAllText(Path.Combine(_directory.FullName, "datasets", info.Hash, DatasetInfo.ProblemsFileName));
            Assert.True(
                problems.Contains($"\"line\":{line.GetInt32()},", StringComparison.Ordinal) || message.Contains($"ine {line.GetInt32()}", StringComparison.Ordinal) || file == "empty.csv",
                $"line {line} is not named: {message}{problems}");
            return;
        }

        Assert.True(info is not null, message);
        var rows = expected.GetProperty("datasets").GetProperty("rows");
        Assert.Equal(expected.GetProperty("datasets").GetProperty("num_rows").GetInt64(), info.Rows);
        foreach (var column in info.Columns)
        {
            var cells = await ReadAsync(info, column.Name);
            for (var i = 0; i < rows.GetArrayLength(); i++)
            {
                var cell = cells[i]?.StartsWith('{') == true ? cells[i]!.Replace(" ", "", StringComparison.Ordinal) : cells[i];
                Assert.Equal(TextOf(rows[i].GetProperty(column.Name)), cell);
            }
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task<string?[]> ReadAsync(DatasetInfo info, string column)
    {
        await using var file = await RowsFile.OpenAsync(Path.Combine(_directory.FullName, "datasets", info.Hash), default);
        return await file.ReadTextAsync(0, column, default);
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number when value.GetRawText().AsSpan().ContainsAny('.', 'e') => value.GetDouble().ToString("R", CultureInfo.InvariantCulture),
        JsonValueKind.Number => value.GetRawText(),
        _ => value.GetRawText().Replace(" ", "", StringComparison.Ordinal),
    };
}
