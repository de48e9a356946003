namespace ExperimentHub.Engine.Datasets.Reading;

/// <summary>JSON lines: an object a line; empty lines are passed over.</summary>
internal sealed class JsonLinesReader(ByteWindow utf8, string fileName) : RowReader
{
    private readonly ByteWindow _window = utf8;
    private readonly JsonRowParser _parser = new(fileName);
    private long _line;

    internal override IReadOnlyList<string> Columns => _parser.Columns;

    internal override long Position => _window.Position;

    internal override bool Read(Row row)
    {
        while (true)
        {
            var end = _window.Bytes.IndexOf((byte)'\n');
            while (end < 0 && _window.Fill())
            {
                end = _window.Bytes.IndexOf((byte)'\n');
            }

            if (_window.Bytes.IsEmpty)
            {
                return false;
            }

            row.Clear(++_line);
            if (end < 0 && _window.IsFull)
            {
                row.Fail(_window.Bytes[..4000], "too_long", $"Line {_line} has more than {ByteWindow.LongestRecord} bytes.", _line, ByteWindow.LongestRecord);
                _window.SkipLine((byte)'\n');
                return true;
            }

            var line = end < 0 ? _window.Bytes : _window.Bytes[..end];
            var length = end < 0 ? line.Length : end + 1;
            line = line.Trim(" \t\r"u8);
            line = _line == 1 && line.StartsWith("\uFEFF"u8) ? line[3..] : line;
            if (line.IsEmpty)
            {
                _window.Advance(length);
                continue;
            }

            if (!FailsAsText(row, line))
            {
                _parser.Parse(line, row);
            }

            _window.Advance(length);
            return true;
        }
    }
}
