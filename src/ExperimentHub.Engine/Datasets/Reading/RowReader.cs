using System.Text.Unicode;

namespace ExperimentHub.Engine.Datasets.Reading;

/// <summary>Reads a file of rows from UTF-8 bytes. A row that cannot be read comes with its problem; the next one follows all the same.</summary>
internal abstract class RowReader
{
    /// <summary>More columns than any table that people label; a file with more is refused.</summary>
    internal const int MostColumns = 1000;

    /// <summary>A column's name is cut to so many characters.</summary>
    internal const int LongestName = 200;

    private static readonly HashSet<string> s_ours = [RowsFile.RowColumn, RowsFile.LineColumn, RowsFile.SplitColumn];

    /// <summary>Names of the columns; in JSON lines they become more as rows come.</summary>
    internal abstract IReadOnlyList<string> Columns { get; }

    /// <summary>The file's own name for the encoding when the bytes were converted to UTF-8, else null.</summary>
    internal string? ConvertedFrom { get; init; }

    /// <summary>Bytes read so far, of the uncompressed UTF-8 text.</summary>
    internal abstract long Position { get; }

    /// <summary>The next row, good or bad; false at the end.</summary>
    internal abstract bool Read(Row row);

    /// <summary>Sets the problem of a row whose bytes are no text; false if they are fine.</summary>
    protected bool FailsAsText(Row row, ReadOnlySpan<byte> raw)
    {
        if (!Utf8.IsValid(raw))
        {
            row.Fail(raw, "not_utf8", $"Line {row.Line} is not UTF-8.", row.Line);
            return true;
        }

        // Where converting met bytes that are no text it wrote U+FFFD.
        if (ConvertedFrom is not null && raw.IndexOf("\uFFFD"u8) >= 0)
        {
            row.Fail(raw, "not_encoding", $"Line {row.Line} is not {ConvertedFrom}.", row.Line, ConvertedFrom);
            return true;
        }

        if (raw.Contains((byte)0))
        {
            row.Fail(raw, "nul", $"Line {row.Line} holds a NUL character.", row.Line);
            return true;
        }

        return false;
    }

    internal static InputException TooManyColumns(string fileName, int count) => new(
        $"{InputException.Quote(fileName)} has {count} columns; at most {MostColumns} can be imported.", "dataset.columns", InputException.Quote(fileName), count, MostColumns);

    /// <summary>A column's name made usable: not empty, no control characters, none twice, none that is ours.</summary>
    internal static string UsableName(string raw, int number, HashSet<string> used)
    {
        var clean = string.Create(Math.Min(raw.Length, LongestName), raw, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        }).Trim();
        clean = clean.Length > 0 && char.IsHighSurrogate(clean[^1]) ? clean[..^1] : clean;
        var name = clean.Length == 0 ? $"column_{number}" : clean;
        var unique = name;
        for (var n = 2; s_ours.Contains(unique) || !used.Add(unique); n++)
        {
            unique = $"{name}_{n}";
        }

        return unique;
    }
}
