using System.Text.Json;

namespace ExperimentHub.Engine.Datasets.Reading;

/// <summary>Turns one JSON object into cells; columns come as they are met.</summary>
internal sealed class JsonRowParser(string fileName)
{
    /// <summary>Numbers longer than this are no measurements.</summary>
    private const int LongestNumber = 64;

    private static readonly JsonReaderOptions s_options = new() { MaxDepth = 64 };

    private readonly List<string> _columns = [];
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly HashSet<int> _seen = [];

    internal IReadOnlyList<string> Columns => _columns;

    internal void Parse(ReadOnlySpan<byte> json, Row row)
    {
        _seen.Clear();
        try
        {
            var reader = new Utf8JsonReader(json, s_options);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                Append(ref reader, json, row, Column("text"));   // bare strings are texts
            }
            else if (reader.TokenType != JsonTokenType.StartObject)
            {
                row.Fail(json, "not_object", $"Line {row.Line} is no JSON object.", row.Line);
                return;
            }
            else if (!ParseMembers(ref reader, json, row))
            {
                return;
            }

            if (reader.Read())
            {
                row.Fail(json, "more_than_one", $"Line {row.Line} has more than one JSON value.", row.Line);
            }
        }
        catch (JsonException)
        {
            row.Fail(json, "not_json", $"Line {row.Line} is not valid JSON.", row.Line);
        }
        catch (InvalidOperationException)
        {
            row.Fail(json, "surrogate", $"Line {row.Line} has half of a surrogate pair, which is no character.", row.Line);
        }
    }

    /// <summary>The members up to the closing brace; false when the row has failed.</summary>
    private bool ParseMembers(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Row row)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var column = Column(name);
            reader.Read();
            if (!_seen.Add(column))
            {
                row.Fail(json, "key_twice", $"Line {row.Line} has '{InputException.Quote(name)}' twice.", row.Line, InputException.Quote(name));
                return false;
            }

            if (reader.TokenType == JsonTokenType.Number && !IsUsable(ref reader))
            {
                row.Fail(
                    json, "number", $"Line {row.Line}: the number in '{InputException.Quote(name)}' is too large.", row.Line, InputException.Quote(name));
                return false;
            }

            Append(ref reader, json, row, column);
        }

        return true;
    }

    private static bool IsUsable(ref Utf8JsonReader reader) =>
        reader.ValueSpan.Length <= LongestNumber && reader.TryGetDouble(out var value) && double.IsFinite(value);

    private static void Append(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Row row, int column)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                var room = row.Reserve(reader.ValueSpan.Length);
                row.GiveBack(room.Length - reader.CopyString(room));
                row.EndCellAt(column, CellKind.Text);
                break;
            case JsonTokenType.Number:
                row.Append(reader.ValueSpan);
                row.EndCellAt(column, CellKind.Number);
                break;
            case JsonTokenType.True:
                row.Append("true"u8);
                row.EndCellAt(column, CellKind.True);
                break;
            case JsonTokenType.False:
                row.Append("false"u8);
                row.EndCellAt(column, CellKind.False);
                break;
            case JsonTokenType.Null:
                row.EndCellAt(column, CellKind.Missing);
                break;
            default:
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                row.Append(json[start..(int)reader.BytesConsumed]);
                row.EndCellAt(column, CellKind.Json);
                break;
        }
    }

    private int Column(string name)
    {
        if (_index.TryGetValue(name, out var column))
        {
            return column;
        }

        if (_columns.Count == RowReader.MostColumns)
        {
            throw RowReader.TooManyColumns(fileName, _columns.Count + 1);
        }

        _index[name] = _columns.Count;
        _columns.Add(RowReader.UsableName(name, _columns.Count + 1, _used));
        return _columns.Count - 1;
    }
}
