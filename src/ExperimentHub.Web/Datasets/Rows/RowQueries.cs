using System.Globalization;
using DuckDB.NET.Data;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Web.Data;

namespace ExperimentHub.Web.Datasets.Rows;

/// <summary>
/// Looks at the rows of stored data sets through DuckDB, with SQL of our own only: values are parameters, names come from the data set's
/// own <c>info.json</c>. The database may read the data-set store and nothing else, in bounded memory.
/// </summary>
public sealed class RowQueries(HubPaths paths) : IDisposable
{
    private const int LongestText = 2000;

    private readonly Lock _lock = new();
    private DuckDBConnection? _database;

    /// <summary>Rows <paramref name="start"/> to before <paramref name="start"/> + <paramref name="count"/> of those that pass the filter, in the order of the file.</summary>
    public Task<IReadOnlyList<DataRow>> ReadAsync(DatasetInfo info, RowFilter filter, long start, int count, CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<DataRow>>(() => Read(info, filter, start, count), cancellationToken);

    /// <summary>
    /// Texts of some training rows, spread over the whole file and the same each time; columns other than the data set's own may be named.
    /// </summary>
    public Task<IReadOnlyList<(string Text, string? Pair)>> SampleAsync(
        DatasetInfo info, string? textColumn, string? pairColumn, int count, int longest, CancellationToken cancellationToken = default) =>
        Task.Run<IReadOnlyList<(string, string?)>>(() => Sample(info, textColumn ?? info.TextColumn, pairColumn ?? info.TextPairColumn, count, longest), cancellationToken);

    /// <summary>How many rows pass the filter.</summary>
    public Task<long> CountAsync(DatasetInfo info, RowFilter filter, CancellationToken cancellationToken = default) =>
        filter.IsEmpty ? Task.FromResult(info.Rows) : Task.Run(() => Count(info, filter), cancellationToken);

    public void Dispose() => _database?.Dispose();

    private List<DataRow> Read(DatasetInfo info, RowFilter filter, long start, int count)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        var where = Where(command, info, filter);
        // Row numbers have no gaps: without a filter a page is a range of them, which needs no counting off.
        var page = filter.IsEmpty
            ? string.Create(CultureInfo.InvariantCulture, $"_row >= {start} AND _row < {start + count} ORDER BY _row")
            : string.Create(CultureInfo.InvariantCulture, $"{where} ORDER BY _row LIMIT {count} OFFSET {start}");
        command.CommandText =
            $"SELECT _row, _line, _split, left({Column(info.TextColumn)}, {LongestText}), left({Column(info.TextPairColumn)}, {LongestText}), " +
            $"CAST({Column(info.LabelColumn)} AS VARCHAR), coalesce(length({Column(info.TextColumn)}), 0) FROM {Source(info)} WHERE {page}";
        using var reader = command.ExecuteReader();
        var rows = new List<DataRow>(count);
        while (reader.Read())
        {
            rows.Add(new DataRow(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2), Text(reader, 3), Text(reader, 4), Text(reader, 5), (int)reader.GetInt64(6)));
        }

        return rows;
    }

    private List<(string Text, string? Pair)> Sample(DatasetInfo info, string? textColumn, string? pairColumn, int count, int longest)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT left(CAST({Known(info, textColumn)} AS VARCHAR), {longest}), left(CAST({Known(info, pairColumn)} AS VARCHAR), {longest}) FROM {Source(info)} WHERE _split = 'train' ORDER BY hash(_row) LIMIT {count}");
        using var reader = command.ExecuteReader();
        var texts = new List<(string, string?)>(count);
        while (reader.Read())
        {
            texts.Add((Text(reader, 0) ?? "", Text(reader, 1)));
        }

        return texts;
    }

    /// <summary>The column as SQL, if the data set has it: a draft may name any.</summary>
    private static string Known(DatasetInfo info, string? column) => Column(info.Columns.Any(c => c.Name == column) ? column : null);

    private long Count(DatasetInfo info, RowFilter filter)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        var where = Where(command, info, filter);
        command.CommandText = $"SELECT count(*) FROM {Source(info)} WHERE {where}";
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static string Where(DuckDBCommand command, DatasetInfo info, RowFilter filter)
    {
        var conditions = new List<string> { "true" };
        if (!string.IsNullOrEmpty(filter.Search))
        {
            command.Parameters.Add(new DuckDBParameter("search", filter.Search.ToLowerInvariant()));
            conditions.Add(info.TextPairColumn is null
                ? $"contains(lower({Column(info.TextColumn)}), $search)"
                : $"(contains(lower({Column(info.TextColumn)}), $search) OR contains(lower({Column(info.TextPairColumn)}), $search))");
        }

        if (filter.Label is { } label && info.LabelColumn is not null)
        {
            command.Parameters.Add(new DuckDBParameter("label", label));
            conditions.Add($"CAST({Column(info.LabelColumn)} AS VARCHAR) = $label");
        }

        if (filter.Split is { } split)
        {
            command.Parameters.Add(new DuckDBParameter("split", split));
            conditions.Add("_split = $split");
        }

        return string.Join(" AND ", conditions);
    }

    private static string? Text(DuckDBDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>A column's name as SQL; a typed NULL where the data set has none.</summary>
    private static string Column(string? name) => name is null ? "CAST(NULL AS VARCHAR)" : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private string Source(DatasetInfo info)
    {
        var file = ContentHash.IsValid(info.Hash)
            ? Path.Combine(paths.Dataset(info.Hash), DatasetInfo.RowsFileName)
            : throw new InputException("This data set has no valid address in the store.", "dataset.missing");
        return File.Exists(file)
            ? $"read_parquet({Literal(file)})"
            : throw new InputException("The data set is not in the store any more; import the file again.", "dataset.missing");
    }

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private DuckDBConnection Open()
    {
        lock (_lock)
        {
            if (_database is null)
            {
                _database = new DuckDBConnection("DataSource=:memory:");
                _database.Open();
                using var settings = _database.CreateCommand();
                settings.CommandText =
                    $"SET memory_limit='512MB'; SET threads=2; SET allowed_directories=[{Literal(Path.Combine(paths.Store, "datasets"))}]; " +
                    "SET enable_external_access=false; SET lock_configuration=true;";
                settings.ExecuteNonQuery();
            }

            // A second connection to the same database, so that queries of several pages do not wait for each other.
            var connection = _database.Duplicate();
            connection.Open();
            return connection;
        }
    }
}
