using Parquet;
using Parquet.Schema;

namespace ExperimentHub.Engine.Datasets;

/// <summary>Opens <c>rows.parquet</c> and reads its columns, a row group at a time.</summary>
internal sealed class RowsFile : IAsyncDisposable
{
    internal const string RowColumn = "_row";
    internal const string LineColumn = "_line";
    internal const string SplitColumn = "_split";

    private readonly ParquetReader _reader;

    private RowsFile(ParquetReader reader) => _reader = reader;

    internal int Groups => _reader.RowGroupCount;

    internal static async Task<RowsFile> OpenAsync(string folder, CancellationToken cancellation) =>
        new(await ParquetReader.CreateAsync(Path.Combine(folder, DatasetInfo.RowsFileName), cancellationToken: cancellation));

    /// <summary>The cells of a column in group <paramref name="group"/> as text, null where they are missing; numbers as they are written in a file.</summary>
    internal async Task<string?[]> ReadTextAsync(int group, string column, CancellationToken cancellation)
    {
        var field = Field(column);
        using var reader = _reader.OpenRowGroupReader(group);
        var count = checked((int)reader.RowCount);
        if (field.ClrType == typeof(long))
        {
            return await Convert<long>(reader, field, count, CellFormat.Of, cancellation);
        }

        if (field.ClrType == typeof(double))
        {
            return await Convert<double>(reader, field, count, CellFormat.Of, cancellation);
        }

        if (field.ClrType == typeof(bool))
        {
            return await Convert<bool>(reader, field, count, CellFormat.Of, cancellation);
        }

        var texts = new string?[count];
        await reader.ReadAsync(field, texts.AsMemory(), null, cancellation);
        return texts;
    }

    internal async Task<long[]> ReadRowNumbersAsync(int group, CancellationToken cancellation)
    {
        using var reader = _reader.OpenRowGroupReader(group);
        var numbers = new long[checked((int)reader.RowCount)];
        await reader.ReadAsync(Field(RowColumn), numbers.AsMemory(), null, cancellation);
        return numbers;
    }

    public ValueTask DisposeAsync() => _reader.DisposeAsync();

    private static async Task<string?[]> Convert<T>(
        ParquetRowGroupReader reader, DataField field, int count, Func<T, string> format, CancellationToken cancellation)
        where T : struct
    {
        var values = new T?[count];
        await reader.ReadAsync(field, values.AsMemory(), null, cancellation);
        return Array.ConvertAll(values, v => v is { } value ? format(value) : null);
    }

    private DataField Field(string column) =>
        _reader.Schema.DataFields.FirstOrDefault(f => f.Name == column)
            ?? throw new InputException($"The data set has no column '{InputException.Quote(column)}'; choose one it has.", "dataset.column", InputException.Quote(column));
}
