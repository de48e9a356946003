using System.Globalization;
using System.IO.Compression;
using ExperimentHub.Engine.Datasets.Reading;
using Parquet;
using Parquet.Schema;

namespace ExperimentHub.Engine.Datasets;

/// <summary>Writes <c>rows.parquet</c> (zstd) in row groups of bounded rows and bytes.</summary>
internal sealed class RowsWriter : IAsyncDisposable
{
    private const int RowsInGroup = 10_000;
    private const int BytesInGroup = 8 << 20;

    private readonly ParquetWriter _writer;
    private readonly DataField _rowField;
    private readonly DataField _lineField;
    private readonly DataField _splitField;
    private readonly List<long> _rows = [];
    private readonly List<long> _lines = [];
    private readonly List<string> _splits = [];
    private readonly List<Column> _columns;
    private long _bytes;

    private RowsWriter(ParquetWriter writer, ParquetSchema schema, IReadOnlyList<DatasetColumn> columns)
    {
        _writer = writer;
        (_rowField, _lineField, _splitField) = (schema.DataFields[0], schema.DataFields[1], schema.DataFields[2]);
        _columns = [.. columns.Select((c, i) => Column.Of(c, schema.DataFields[i + 3]))];
    }

    internal static async Task<RowsWriter> CreateAsync(Stream stream, IReadOnlyList<DatasetColumn> columns, CancellationToken cancellation)
    {
        var fields = new List<Field>
        {
            new DataField<long>(RowsFile.RowColumn), new DataField<long>(RowsFile.LineColumn), new DataField(RowsFile.SplitColumn, typeof(string), isNullable: false),
        };
        fields.AddRange(columns.Select(c => new DataField(c.Name, ClrType(c.Type), isNullable: true)));
        var schema = new ParquetSchema(fields);
        // The library's own default, the smallest size, takes thirty times as long for half the bytes.
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Optimal, DictionaryEncodingThreshold = 0 };
        return new RowsWriter(await ParquetWriter.CreateAsync(schema, stream, options, cancellationToken: cancellation), schema, columns);
    }

    /// <summary>Adds a row; <paramref name="sources"/> says for each stored column which cell of <paramref name="row"/> it is.</summary>
    internal async ValueTask AddAsync(long number, string split, Row row, IReadOnlyList<int> sources, CancellationToken cancellation)
    {
        _rows.Add(number);
        _lines.Add(row.Line);
        _splits.Add(split);
        for (var i = 0; i < _columns.Count; i++)
        {
            _columns[i].Add(row, sources[i]);
            _bytes += row.Cell(sources[i]).Length;
        }

        if (_rows.Count >= RowsInGroup || _bytes >= BytesInGroup)
        {
            await FlushAsync(cancellation);
        }
    }

    internal async Task FlushAsync(CancellationToken cancellation)
    {
        if (_rows.Count == 0)
        {
            return;
        }

        using (var group = _writer.CreateRowGroup())
        {
            await group.WriteAsync<long>(_rowField, _rows.ToArray(), cancellationToken: cancellation);
            await group.WriteAsync<long>(_lineField, _lines.ToArray(), cancellationToken: cancellation);
            await group.WriteAsync(_splitField, _splits);
            foreach (var column in _columns)
            {
                await column.WriteAsync(group, cancellation);
            }

            group.CompleteValidate();
        }

        _rows.Clear();
        _lines.Clear();
        _splits.Clear();
        _bytes = 0;
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private static Type ClrType(string type) => type switch
    {
        ColumnTypes.Integer => typeof(long),
        ColumnTypes.Number => typeof(double),
        ColumnTypes.Flag => typeof(bool),
        _ => typeof(string),
    };

    /// <summary>Cells of one column until they are written.</summary>
    private abstract class Column
    {
        internal static Column Of(DatasetColumn column, DataField field) => column.Type switch
        {
            ColumnTypes.Integer => new Typed<long>(field, c => long.Parse(c.Trim(" \t"u8), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)),
            ColumnTypes.Number => new Typed<double>(field, c => CellTypes.ParseNumber(c)),
            ColumnTypes.Flag => new Typed<bool>(field, c => c.Length == 4),
            _ => new Texts(field, trimmed: column.Role == ColumnRoles.Label),
        };

        internal abstract void Add(Row row, int cell);

        internal abstract Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellation);
    }

    /// <summary>Labels are compared, so blanks around them must not make two of one.</summary>
    private sealed class Texts(DataField field, bool trimmed) : Column
    {
        private readonly List<string> _cells = [];

        internal override void Add(Row row, int cell) => _cells.Add(trimmed ? row.Text(cell)?.Trim()! : row.Text(cell)!);

        internal override async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellation)
        {
            await group.WriteAsync(field, _cells);
            _cells.Clear();
        }
    }

    private delegate T Parse<out T>(ReadOnlySpan<byte> cell);

    private sealed class Typed<T>(DataField field, Parse<T> parse) : Column
        where T : struct
    {
        private readonly List<T?> _cells = [];

        internal override void Add(Row row, int cell) =>
            _cells.Add(row.Kind(cell) == CellKind.Missing || row.Cell(cell).IsEmpty ? null : parse(row.Cell(cell)));

        internal override async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellation)
        {
            await group.WriteAsync<T>(field, _cells.ToArray().AsMemory(), cancellationToken: cancellation);
            _cells.Clear();
        }
    }
}
