using System.Runtime.CompilerServices;

namespace ExperimentHub.Engine.Datasets;

/// <summary>A row as a classifier needs it.</summary>
/// <param name="Row">Number of the row in its file, from 0: the same in every split and every run.</param>
/// <param name="Text">Empty where the cell is missing.</param>
/// <param name="TextPair">The second text, null without one.</param>
/// <param name="Label">Index into <see cref="DatasetReader.Labels"/>; -1 where the label is missing.</param>
public readonly record struct DatasetRow(long Row, string Text, string? TextPair, int Label);

/// <summary>Rows of a stored data set for training and evaluation: as a stream, or by number. Needs one row group of memory.</summary>
public sealed class DatasetReader
{
    private readonly string _folder;
    private readonly string _textColumn;
    private readonly string? _textPairColumn;
    private readonly string? _labelColumn;
    private readonly Dictionary<string, int> _labelIds;

    private DatasetReader(string folder, DatasetInfo info, string textColumn, string? textPairColumn, string? labelColumn, IReadOnlyList<string> labels)
    {
        _folder = folder;
        Info = info;
        _textColumn = textColumn;
        _textPairColumn = textPairColumn;
        _labelColumn = labelColumn;
        Labels = labels;
        _labelIds = labels.Select((label, id) => (label, id)).ToDictionary(l => l.label, l => l.id, StringComparer.Ordinal);
    }

    public DatasetInfo Info { get; }

    /// <summary>Class names in the order of their ids; empty without a label column.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Opens the data set in <paramref name="folder"/>; columns that are null are the data set's own.</summary>
    /// <exception cref="InputException">There is no data set, it has no such column, or none that holds text.</exception>
    public static async Task<DatasetReader> OpenAsync(
        string folder, string? textColumn = null, string? textPairColumn = null, string? labelColumn = null, CancellationToken cancellation = default)
    {
        var info = DatasetInfo.Read(folder);
        var text = textColumn ?? info.TextColumn
            ?? throw new InputException("The data set has no text column; choose one.", "dataset.no_text");
        var pair = textPairColumn ?? (textColumn is null || textColumn == info.TextColumn ? info.TextPairColumn : null);
        var label = labelColumn ?? info.LabelColumn;
        foreach (var column in new[] { text, pair, label }.OfType<string>())
        {
            if (info.Columns.All(c => c.Name != column))
            {
                throw new InputException(
                    $"The data set has no column '{InputException.Quote(column)}'; it has {string.Join(", ", info.Columns.Take(10).Select(c => InputException.Quote(c.Name, 30)))}.",
                    "dataset.column",
                    InputException.Quote(column));
            }
        }

        var labels = label is null ? [] : label == info.LabelColumn ? info.Labels : await ScanLabelsAsync(folder, label, cancellation);
        return new DatasetReader(folder, info, text, pair, label, labels);
    }

    /// <summary>All rows of a split (<c>train</c>, <c>validation</c> or <c>test</c>) in the order of the file.</summary>
    public async IAsyncEnumerable<DatasetRow> ReadAsync(string split, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await using var file = await RowsFile.OpenAsync(_folder, cancellation);
        for (var group = 0; group < file.Groups; group++)
        {
            var splits = await file.ReadTextAsync(group, RowsFile.SplitColumn, cancellation);
            if (!splits.Contains(split))
            {
                continue;
            }

            var rows = await ReadGroupAsync(file, group, cancellation);
            for (var i = 0; i < rows.Length; i++)
            {
                if (splits[i] == split)
                {
                    yield return rows[i];
                }
            }
        }
    }

    /// <summary>Rows by their numbers, in the order asked for; a number twice gives its row twice, one that does not exist gives none.</summary>
    public async Task<IReadOnlyList<DatasetRow>> ReadRowsAsync(IReadOnlyCollection<long> rowNumbers, CancellationToken cancellation = default)
    {
        var wanted = rowNumbers.ToHashSet();
        var found = new Dictionary<long, DatasetRow>(wanted.Count);
        await using var file = await RowsFile.OpenAsync(_folder, cancellation);
        for (var group = 0; group < file.Groups && found.Count < wanted.Count; group++)
        {
            var numbers = await file.ReadRowNumbersAsync(group, cancellation);
            if (!numbers.Any(wanted.Contains))
            {
                continue;
            }

            foreach (var row in await ReadGroupAsync(file, group, cancellation))
            {
                if (wanted.Contains(row.Row))
                {
                    found[row.Row] = row;
                }
            }
        }

        return [.. rowNumbers.Where(found.ContainsKey).Select(n => found[n])];
    }

    private static async Task<IReadOnlyList<string>> ScanLabelsAsync(string folder, string column, CancellationToken cancellation)
    {
        var labels = new HashSet<string>(StringComparer.Ordinal);
        await using var file = await RowsFile.OpenAsync(folder, cancellation);
        for (var group = 0; group < file.Groups; group++)
        {
            labels.UnionWith((await file.ReadTextAsync(group, column, cancellation)).OfType<string>());
            if (labels.Count > LabelOrder.MostLabels)
            {
                throw LabelOrder.TooMany(column);
            }
        }

        return LabelOrder.Sort(labels);
    }

    private async Task<DatasetRow[]> ReadGroupAsync(RowsFile file, int group, CancellationToken cancellation)
    {
        var numbers = await file.ReadRowNumbersAsync(group, cancellation);
        var texts = await file.ReadTextAsync(group, _textColumn, cancellation);
        var pairs = _textPairColumn is null ? null : await file.ReadTextAsync(group, _textPairColumn, cancellation);
        var labels = _labelColumn is null ? null : await file.ReadTextAsync(group, _labelColumn, cancellation);
        var rows = new DatasetRow[numbers.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var label = labels?[i] is { } name && _labelIds.TryGetValue(name, out var id) ? id : -1;
            rows[i] = new DatasetRow(numbers[i], texts[i] ?? "", pairs?[i], label);
        }

        return rows;
    }
}
