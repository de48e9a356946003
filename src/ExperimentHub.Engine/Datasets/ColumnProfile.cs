using System.Text;
using ExperimentHub.Engine.Datasets.Reading;

namespace ExperimentHub.Engine.Datasets;

/// <summary>What was seen of a column: its type, how long and how different its cells are.</summary>
internal sealed class ColumnProfile(string name)
{
    /// <summary>A cell longer than this is no label.</summary>
    internal const int LongestValue = 200;

    private const int Examples = 3;
    private const int LongestExample = 80;

    private readonly CellTypes _types = new();
    private Dictionary<string, long>? _values = new(StringComparer.Ordinal);
    private long _characters;

    internal string Name { get; } = name;

    internal string Type => _types.Type;

    internal long Cells { get; private set; }

    internal long Missing { get; private set; }

    internal double MeanLength => Cells == 0 ? 0 : _characters / (double)Cells;

    internal List<string> FirstValues { get; } = [];

    /// <summary>Different values with their counts; null when they are too many or too long to be labels.</summary>
    internal IReadOnlyDictionary<string, long>? Values => _values;

    internal void See(Row row, int cell, bool typedSource)
    {
        var bytes = row.Cell(cell);
        if (row.Kind(cell) == CellKind.Missing || (bytes.IsEmpty && !typedSource))
        {
            Missing++;
            return;
        }

        Cells++;
        _types.See(bytes, row.Kind(cell), typedSource);
        _characters += Encoding.UTF8.GetCharCount(bytes);
        if (FirstValues.Count < Examples)
        {
            AddExample(row.Text(cell, LongestExample + 1)!);
        }

        if (_values is null)
        {
            return;
        }

        if (bytes.Length > LongestValue * 3)
        {
            _values = null;
            return;
        }

        Span<char> chars = stackalloc char[LongestValue * 3];
        var value = chars[..Encoding.UTF8.GetChars(bytes, chars)];
        ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
            _values.GetAlternateLookup<ReadOnlySpan<char>>(), value, out var known);
        count++;
        if (!known && _values.Count > LabelOrder.MostLabels)
        {
            _values = null;
        }
    }

    private void AddExample(string text)
    {
        text = InputException.Quote(text, LongestExample);
        if (!FirstValues.Contains(text))
        {
            FirstValues.Add(text);
        }
    }
}
