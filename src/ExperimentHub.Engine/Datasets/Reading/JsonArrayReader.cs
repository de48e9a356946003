namespace ExperimentHub.Engine.Datasets.Reading;

/// <summary>
/// A JSON list of objects, element by element: brackets and strings are followed byte by byte to find where an element ends, and only
/// that is parsed, so a file of any size is read in bounded memory. An element that is wrong inside is a problem; a list that is
/// broken between its elements cannot be read on and is refused with its line.
/// </summary>
internal sealed class JsonArrayReader : RowReader
{
    private readonly ByteWindow _window;
    private readonly JsonRowParser _parser;
    private readonly string _fileName;
    private long _line = 1;
    private bool _first = true;
    private bool _ended;

    internal JsonArrayReader(ByteWindow utf8, string fileName)
    {
        _window = utf8;
        _parser = new JsonRowParser(fileName);
        _fileName = fileName;
        while (_window.Bytes.Length < 3 && _window.Fill())
        {
        }

        if (_window.Bytes.StartsWith("\uFEFF"u8))
        {
            _window.Advance(3);
        }

        if (NextByte() != '[')
        {
            throw Broken("does not begin with a list");
        }

        Consume(1);
    }

    internal override IReadOnlyList<string> Columns => _parser.Columns;

    internal override long Position => _window.Position;

    internal override bool Read(Row row)
    {
        if (_ended)
        {
            return false;
        }

        var next = NextByte();
        if (next == ']')
        {
            Consume(1);
            if (NextByte() != -1)
            {
                throw Broken("goes on after the end of its list");
            }

            _ended = true;
            return false;
        }

        if (!_first)
        {
            if (next != ',')
            {
                throw Broken(next == -1 ? "ends inside its list" : "has no comma between two elements");
            }

            Consume(1);
            next = NextByte();
            if (next is ']' or ',')
            {
                throw Broken("has a comma without an element after it");
            }
        }

        _first = false;
        row.Clear(_line);
        var length = ElementLength();
        var element = _window.Bytes[..length];
        if (!FailsAsText(row, element))
        {
            _parser.Parse(element, row);
        }

        Consume(length);
        return true;
    }

    private int ElementLength()
    {
        var (depth, inString, escaped) = (0, false, false);
        for (var i = 0; ; i++)
        {
            if (i == _window.Bytes.Length && !_window.Fill())
            {
                throw Broken(_window.IsFull ? $"has an element of more than {ByteWindow.LongestRecord} bytes" : "ends inside a value");
            }

            var b = _window.Bytes[i];
            if (inString)
            {
                inString = b != '"' || escaped;
                escaped = b == '\\' && !escaped;
                continue;
            }

            switch ((char)b)
            {
                case '"':
                    inString = true;
                    break;
                case '{' or '[':
                    depth++;
                    break;
                case '}' or ']' when depth > 0:
                    depth--;
                    if (depth == 0)
                    {
                        return i + 1;
                    }

                    break;
                case ',' or ']' or '}' when depth == 0:
                    return i;
            }
        }
    }

    private int NextByte()
    {
        while (true)
        {
            var bytes = _window.Bytes;
            var at = bytes.IndexOfAnyExcept(" \t\r\n"u8);
            if (at >= 0)
            {
                Consume(at);
                return _window.Bytes[0];
            }

            Consume(bytes.Length);
            if (!_window.Fill())
            {
                return -1;
            }
        }
    }

    private void Consume(int length)
    {
        _line += _window.Bytes[..length].Count((byte)'\n');
        _window.Advance(length);
    }

    private InputException Broken(string how) => new(
        $"{InputException.Quote(_fileName)} {how} (line {_line}); correct the file or save it as JSON lines.", "dataset.json_broken", InputException.Quote(_fileName), _line);
}
