using System.Text;
using ExperimentHub.Engine.Datasets.Reading;

namespace ExperimentHub.Engine.Datasets;

/// <summary>
/// Whether a row that was read can be used: it needs a label where there is a label column, and a split that is known. Knows
/// each label by a number, in the order in which they were met.
/// </summary>
internal sealed class RowCheck(RowReader reader, string? text, string? label, string? split)
{
    private const int LinesNamed = 5;

    private readonly Dictionary<string, int> _labelNumbers = new(StringComparer.Ordinal);
    private readonly List<long> _emptyTextLines = [];
    private long _emptyTexts;
    private int _textCell = -1;
    private int _labelCell = -1;
    private int _splitCell = -1;
    private int _columnsKnown;

    /// <summary>Labels in the order in which they were met.</summary>
    internal List<string> Labels { get; } = [];

    internal List<long> LabelCounts { get; } = [];

    /// <summary>Number of the last row's label; 0 without a label column.</summary>
    internal int Label { get; private set; }

    /// <summary>Split of the last row by its own column.</summary>
    internal byte Split { get; private set; }

    /// <summary>Length of the last row's text in UTF-16 units.</summary>
    internal int TextLength { get; private set; }

    /// <summary>On rows without text; null when there are none.</summary>
    internal Warning? EmptyTextWarning
    {
        get
        {
            if (_emptyTexts == 0)
            {
                return null;
            }

            var name = InputException.Quote(text);
            var lines = string.Join(", ", _emptyTextLines) + (_emptyTexts > _emptyTextLines.Count ? " …" : "");
            var message = _emptyTexts == 1 ? $"One row has no text in '{name}': line {lines}." : $"{_emptyTexts} rows have no text in '{name}': lines {lines}.";
            return new Warning("empty_text", message, [_emptyTexts, name, lines]);
        }
    }

    /// <summary>Sets the problem of a row that cannot be used; false then.</summary>
    internal bool Passes(Row row)
    {
        if (row.Problem is not null)
        {
            return false;
        }

        LocateColumns();
        if (!CheckLabel(row) || !CheckSplit(row))
        {
            return false;
        }

        SeeText(row);
        return true;
    }

    private void LocateColumns()
    {
        if (_columnsKnown == reader.Columns.Count)
        {
            return;
        }

        _columnsKnown = reader.Columns.Count;
        _textCell = IndexOf(text);
        _labelCell = IndexOf(label);
        _splitCell = IndexOf(split);
    }

    private int IndexOf(string? column)
    {
        for (var i = 0; column is not null && i < reader.Columns.Count; i++)
        {
            if (reader.Columns[i] == column)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A row without text is kept, but told.</summary>
    private void SeeText(Row row)
    {
        if (text is null)
        {
            return;
        }

        var cell = CellOf(row, _textCell);
        if (cell.Trim(" \t\r\n"u8).IsEmpty)
        {
            _emptyTexts++;
            if (_emptyTextLines.Count < LinesNamed)
            {
                _emptyTextLines.Add(row.Line);
            }
        }

        TextLength = Encoding.UTF8.GetCharCount(cell);
    }

    private bool CheckLabel(Row row)
    {
        if (label is null)
        {
            return true;
        }

        var cell = CellOf(row, _labelCell);
        var value = cell.Length > ColumnProfile.LongestValue * 3 ? throw LabelOrder.TooMany(label) : Encoding.UTF8.GetString(cell).Trim();
        if (value.Length == 0)
        {
            row.Fail(CellOf(row, _textCell), "no_label", $"Line {row.Line} has no label in '{InputException.Quote(label)}'.", row.Line, InputException.Quote(label));
            return false;
        }

        if (!_labelNumbers.TryGetValue(value, out var number))
        {
            number = Labels.Count;
            if (number == LabelOrder.MostLabels)
            {
                throw LabelOrder.TooMany(label);
            }

            _labelNumbers[value] = number;
            Labels.Add(value);
            LabelCounts.Add(0);
        }

        LabelCounts[number]++;
        Label = number;
        return true;
    }

    private bool CheckSplit(Row row)
    {
        if (split is null)
        {
            return true;
        }

        var word = Encoding.UTF8.GetString(CellOf(row, _splitCell));
        if (SplitColumn.IndexOf(word) is var index and >= 0)
        {
            Split = (byte)index;
            return true;
        }

        LabelCounts[Label] -= label is null ? 0 : 1;
        row.Fail(
            CellOf(row, _textCell),
            "split_unknown",
            $"Line {row.Line}: '{InputException.Quote(word)}' in '{InputException.Quote(split)}' is none of train, validation, test.",
            row.Line,
            InputException.Quote(word),
            InputException.Quote(split));
        return false;
    }

    private static ReadOnlySpan<byte> CellOf(Row row, int cell) => cell < 0 ? default : row.Cell(cell);
}
