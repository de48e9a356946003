using System.Text;
using System.Text.Unicode;

namespace ExperimentHub.Engine.Datasets.Reading;

/// <summary>Reads a file of rows from UTF-8 bytes. A row that cannot be read comes with its problem; the next one follows all the same.</summary>
internal abstract class RowReader
{
    /// <summary>More columns than any table that people label; a file with more is refused.</summary>
    internal const int MostColumns = 1000;

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

    /// <summary>Names of columns made usable: none empty, none twice, none that is ours.</summary>
    internal static List<string> UsableNames(IEnumerable<string> names)
    {
        var used = new HashSet<string>(StringComparer.Ordinal) { "_row", "_line", "_split" };
        var result = new List<string>();
        foreach (var raw in names)
        {
            var clean = raw.Length > 200 ? raw[..200] : raw;
            var builder = new StringBuilder(clean.Length);
            foreach (var c in clean)
            {
                builder.Append(char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c);
            }

            var name = builder.ToString().Trim();
            name = name.Length == 0 ? $"column_{result.Count + 1}" : name;
            var unique = name;
            for (var n = 2; !used.Add(unique); n++)
            {
                unique = $"{name}_{n}";
            }

            result.Add(unique);
        }

        return result;
    }
}
