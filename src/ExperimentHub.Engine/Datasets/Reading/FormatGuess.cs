namespace ExperimentHub.Engine.Datasets.Reading;

/// <summary>Finds out how the rows of a file are written, by trying on its first megabytes what gives rows of equal width.</summary>
internal sealed class FormatGuess
{
    internal const string Csv = "csv";
    internal const string Json = "json";
    internal const string JsonLines = "jsonl";

    private static readonly (char Delimiter, string Name)[] s_delimiters = [(',', "comma"), ('\t', "tab"), (';', "semicolon"), ('|', "bar")];

    private static readonly HashSet<string> s_usualNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "id", "idx", "index", "text", "sentence", "sentence1", "sentence2", "label", "labels", "review", "content", "comment", "class", "category",
        "target", "sentiment", "title", "question", "answer", "premise", "hypothesis", "split", "language", "score", "rating", "name", "date",
        "文本", "标签", "内容", "评论", "类别", "句子", "情感", "标题", "问题", "答案",
    };

    private readonly string _fileName;
    private readonly string _extension;
    private readonly ReadOnlyMemory<byte> _sample;
    private readonly bool _whole;
    private readonly Row _first = new();
    private readonly Row _row = new();
    private InputException? _tooWide;

    private FormatGuess(string fileName, string extension, ReadOnlyMemory<byte> sample, bool whole, bool carriageReturns)
    {
        _fileName = fileName;
        _extension = extension;
        _sample = sample;
        _whole = whole;
        CarriageReturns = carriageReturns;
    }

    /// <summary>Lines end with a carriage return alone, as on the first Macs.</summary>
    internal bool CarriageReturns { get; }

    internal Dictionary<string, Guess> Guesses { get; } = [];

    /// <summary>The sample as UTF-8.</summary>
    internal ReadOnlyMemory<byte> Sample => _sample;

    /// <summary>Every field filled in.</summary>
    internal SourceFormat Format { get; private set; } = new();

    internal static FormatGuess Of(SourceFile source, ReadOnlyMemory<byte> raw, bool whole, SourceFormat chosen)
    {
        var encoding = chosen.Encoding is { } e ? Chosen(e) : EncodingGuess.Of(raw.Span);
        var sample = EncodingGuess.ToUtf8(encoding.Value!, raw);
        var text = sample.Span;
        var guess = new FormatGuess(source.FileName, Path.GetExtension(source.InnerName), sample, whole, !text.Contains((byte)'\n') && text.Contains((byte)'\r'));
        guess.Guesses["encoding"] = encoding;
        guess.Format = chosen with { Encoding = encoding.Value };
        guess.FindFormat(chosen);
        return guess;
    }

    /// <summary>A reader of <paramref name="utf8"/> by the format found.</summary>
    internal RowReader Open(ByteWindow utf8)
    {
        var converted = Format.Encoding == EncodingGuess.Utf8 ? null : Format.Encoding!.ToUpperInvariant();
        return Format.Format switch
        {
            JsonLines => new JsonLinesReader(utf8, _fileName) { ConvertedFrom = converted },
            Json => new JsonArrayReader(utf8, _fileName) { ConvertedFrom = converted },
            Csv => new DelimitedReader(utf8, _fileName, (byte)Delimiter(), Format.Quoted!.Value, Format.Header!.Value, CarriageReturns) { ConvertedFrom = converted },
            _ => throw new InputException($"The format '{InputException.Quote(Format.Format)}' is not known; use csv, json or jsonl.", "dataset.format", InputException.Quote(Format.Format)),
        };
    }

    internal static Guess Chosen(string value) => new(value, "chosen", "Chosen by hand.", []) { Found = false };

    private char Delimiter() => Format.Delimiter is [var c] && c < 0x80 && c is not ('"' or '\n' or '\r')
        ? c
        : throw new InputException("The delimiter must be one plain character, such as a comma or a tab.", "dataset.delimiter");

    private void FindFormat(SourceFormat chosen)
    {
        var start = _sample.Span.TrimStart("\uFEFF \t\r\n"u8);
        Guesses["format"] = chosen.Format is { } f ? Chosen(f)
            : start.StartsWith("["u8) && LooksLikeJson(start) ? new(Json, "format_json", "The file is a JSON list.", [])
            : start.StartsWith("{"u8) ? LinesOrObject(start)
            : new(Csv, "format_csv", "Rows of text with a delimiter.", []);
        Format = Format with { Format = Guesses["format"].Value };
        if (Format.Format == Csv)
        {
            FindDelimiter(chosen);
            FindHeader(chosen);
        }
    }

    private Guess LinesOrObject(ReadOnlySpan<byte> start)
    {
        var lines = new JsonLinesReader(new ByteWindow(_sample[^start.Length..]), _fileName);
        if (start.IndexOf((byte)'\n') < 0 || (lines.Read(_row) && (_row.Problem is null || (lines.Read(_row) && _row.Problem is null))))
        {
            return new(JsonLines, "format_jsonl", "Each line is a JSON object.", []);
        }

        throw new InputException(
            $"{InputException.Quote(_fileName)} is one JSON object, not a list of rows; save it as a list of objects or as JSON lines.", "dataset.json_object", InputException.Quote(_fileName));
    }

    private static bool LooksLikeJson(ReadOnlySpan<byte> start)
    {
        var next = start[1..].TrimStart(" \t\r\n"u8);
        return next.IsEmpty || next[0] is (byte)'{' or (byte)'"' or (byte)']' or (byte)'[';
    }

    private void FindDelimiter(SourceFormat chosen)
    {
        var tries = new List<Trial>();
        var preferred = _extension.ToUpperInvariant() is ".TSV" or ".TAB" ? '\t' : ',';
        var candidates = chosen.Delimiter is [var one] ? [(one, $"'{one}'")] : s_delimiters;
        foreach (var (delimiter, name) in candidates)
        {
            foreach (var quoted in chosen.Quoted is { } q ? [q] : new[] { true, false })
            {
                tries.Add(Try(delimiter, name, quoted, delimiter == preferred));
            }
        }

        var best = tries.OrderByDescending(t => t.Score).First();
        if (best.Columns == 1 && _tooWide is not null)
        {
            throw _tooWide;
        }

        var other = tries.Where(t => t.Delimiter != best.Delimiter).OrderByDescending(t => t.Score).FirstOrDefault();
        var records = $"{best.Consistent:N0} of {best.Records:N0} records{(_whole ? "" : " at the beginning")}";
        Guesses["delimiter"] = chosen.Delimiter is not null ? Chosen(chosen.Delimiter)
            : best.Columns == 1 ? new(best.Delimiter.ToString(), "delimiter_one_column", "There is one column, so no delimiter.", [])
            : new(
                best.Delimiter.ToString(),
                "delimiter_columns",
                $"Gives {best.Columns} columns in {records}" + (other is null ? "." : $"; {other.Name} would give {other.Columns}."),
                [best.Columns, best.Consistent, best.Records, other?.Name ?? "", other?.Columns ?? 0, _whole]);
        Guesses["quoted"] = chosen.Quoted is { } chosenQuotes ? Chosen(chosenQuotes ? "true" : "false")
            : best.Quoted ? new("true", "quoted_used", "Double quotes enclose cells.", [])
            : new("false", "quoted_unused", "Double quotes mean nothing here: read as quotes they would damage rows, or nothing needs them.", []);
        Format = Format with { Delimiter = chosen.Delimiter ?? best.Delimiter.ToString(), Quoted = best.Quoted };
    }

    private Trial Try(char delimiter, string name, bool quoted, bool preferred)
    {
        var widths = new Dictionary<int, long>();
        long records = 0;
        long openQuotes = 0;
        try
        {
            var reader = new DelimitedReader(new ByteWindow(_sample), _fileName, (byte)delimiter, quoted, header: false, CarriageReturns, _first);
            var row = _row;
            while (reader.Read(row))
            {
                openQuotes += row.Problem is { Code: "quote" } ? 1 : 0;
                var width = row.Problem is { Code: not "fields" } ? -1 : row.Count;
                widths[width] = widths.GetValueOrDefault(width) + 1;
                records++;
            }

            // The last record of a sample may be cut.
            var (columns, consistent) = widths.Where(w => w.Key > 0).OrderByDescending(w => w.Value).ThenByDescending(w => w.Key).Select(w => (w.Key, w.Value)).FirstOrDefault((1, 0));
            // Between commas a stray quote is a slip of the one row; between tabs it says that quotes mean nothing.
            var slip = delimiter != '\t' && reader.OddQuotes <= Math.Max(1, records / 5);
            var sound = slip ? consistent + openQuotes : consistent - Math.Min(consistent, reader.OddQuotes);
            var share = records == 0 ? 0 : sound / (double)records;
            var quotesHelp = quoted ? (reader.UsedQuotes > 0 || delimiter != '\t' ? 0.001 : -0.001) : 0;
            var score = (columns > 1 ? 10 : 0) + (share * 4) + quotesHelp + (preferred ? 0.01 : 0) + (Math.Min(columns, 50) * 0.0001);
            return new Trial(delimiter, name, quoted, columns, consistent, records, columns > 1 && share < 0.5 ? share : score);
        }
        catch (InputException e)
        {
            // Not even the first line can be read this way.
            _tooWide = e.Code == "dataset.columns" ? e : _tooWide;
            return new Trial(delimiter, name, quoted, 1, 0, 0, -1);
        }
    }

    private void FindHeader(SourceFormat chosen)
    {
        if (chosen.Header is { } header)
        {
            Guesses["header"] = Chosen(header ? "true" : "false");
            Format = Format with { Header = header };
            return;
        }

        var reader = new DelimitedReader(new ByteWindow(_sample), _fileName, (byte)Delimiter(), Format.Quoted!.Value, header: false, CarriageReturns, _first);
        reader.Read(_row);
        var names = Enumerable.Range(0, _row.Count).Select(i => _row.Text(i, RowReader.LongestName)?.Trim() ?? "").ToList();
        var guess = JudgeHeader(names, reader, _row);
        Guesses["header"] = guess;
        Format = Format with { Header = guess.Value == "true" };
    }

    private static Guess JudgeHeader(List<string> names, DelimitedReader reader, Row row)
    {
        const int LongestName = 64;
        const int RowsLookedAt = 2000;
        var usual = names.FirstOrDefault(s_usualNames.Contains);
        if (usual is not null)
        {
            return new("true", "header_usual", $"'{usual}' in the first line is a usual name of a column.", [usual]);
        }

        if (names.FirstOrDefault(n => double.TryParse(n, System.Globalization.CultureInfo.InvariantCulture, out _)) is { } number)
        {
            return new("false", "header_number", $"'{InputException.Quote(number)}' in the first line is a number, so it is data.", [InputException.Quote(number)]);
        }

        if (names.Any(n => n.Length is 0 or > LongestName) || names.Distinct(StringComparer.Ordinal).Count() < names.Count)
        {
            return new("false", "header_not_names", "The first line has empty, long or equal cells, which are no names of columns.", []);
        }

        var types = names.Select(_ => new CellTypes()).ToList();
        var again = new HashSet<string>(StringComparer.Ordinal);
        var seen = 0;
        while (seen++ < RowsLookedAt && reader.Read(row))
        {
            for (var i = 0; i < Math.Min(row.Count, names.Count); i++)
            {
                types[i].See(row.Cell(i), row.Kind(i), typedSource: false);
                if (row.Cell(i).Length <= LongestName * 4 && row.Text(i)?.Trim() is { } text && text == names[i])
                {
                    again.Add(text);
                }
            }
        }

        var typed = types.FindIndex(t => t.Type != ColumnTypes.Text);
        return typed >= 0 ? new("true", "header_types", $"Below '{InputException.Quote(names[typed])}' there are only numbers.", [InputException.Quote(names[typed])])
            : again.Count == 0 && names.Count > 1 ? new("true", "header_unique", "The cells of the first line never occur as values below it.", [])
            : new("false", "header_values", "The first line looks like the lines below it.", []);
    }

    private sealed record Trial(char Delimiter, string Name, bool Quoted, int Columns, long Consistent, long Records, double Score);
}
