namespace ExperimentHub.Engine.Datasets.Reading;

/// <summary>
/// CSV and its kin (RFC 4180): cells between delimiters, optionally in double quotes, in which delimiters and line ends are text and two
/// quotes stand for one. Lenient where the common libraries are: a quote inside an unquoted cell is text, text after a closing quote
/// is appended. A quote that never closes costs its own line only.
/// </summary>
internal sealed class DelimitedReader : RowReader
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly ByteWindow _window;
    private readonly byte _delimiter;
    private readonly bool _quoted;
    private readonly byte _lineEnd;
    private readonly List<string> _columns;
    private readonly List<byte[]> _header = [];
    private readonly Row _first;
    private bool _pending;
    private bool _inQuotes;
    private long _line = 1;

    // carriageReturns: a file whose lines end with a carriage return alone.
    // scratch: a row to keep the first record in; readers that are used up may share one.
    internal DelimitedReader(ByteWindow utf8, string fileName, byte delimiter, bool quoted, bool header, bool carriageReturns, Row? scratch = null)
    {
        _window = utf8;
        _first = scratch ?? new Row();
        _delimiter = delimiter;
        _quoted = quoted;
        _lineEnd = carriageReturns ? (byte)'\r' : (byte)'\n';
        while (_window.Bytes.Length < 3 && _window.Fill())
        {
        }

        if (_window.Bytes.StartsWith(ByteOrderMark))
        {
            _window.Advance(3);
        }

        _columns = ReadNames(fileName, header);
    }

    private enum Outcome
    {
        Record,
        EmptyLine,
        NeedsMore,
        Nothing,
    }

    internal override IReadOnlyList<string> Columns => _columns;

    internal override long Position => _window.Position;

    /// <summary>Rows so far with text after a closing quote or a quote that never closed: signs that quotes mean nothing in this file.</summary>
    internal long OddQuotes { get; private set; }

    /// <summary>Rows so far in which quotes did something: a delimiter, a line end or a quote inside them.</summary>
    internal long UsedQuotes { get; private set; }

    internal override bool Read(Row row)
    {
        if (_pending)
        {
            _pending = false;
            CopyFirst(row);
            return true;
        }

        if (!ReadRecord(row))
        {
            return false;
        }

        Check(row);
        return true;
    }

    private List<string> ReadNames(string fileName, bool header)
    {
        if (!ReadRecord(_first))
        {
            throw new InputException($"{InputException.Quote(fileName)} is empty; choose a file with rows.", "dataset.empty", InputException.Quote(fileName));
        }

        if (_first.Problem is { } problem)
        {
            throw new InputException(
                $"{InputException.Quote(fileName)}: {problem.Message} Nothing can be read without its first line.", "dataset.first_line", InputException.Quote(fileName), problem.Line);
        }

        if (_first.Count > MostColumns)
        {
            throw TooManyColumns(fileName, _first.Count);
        }

        if (!header)
        {
            _pending = true;
            return [.. Enumerable.Range(1, _first.Count).Select(i => $"column_{i}")];
        }

        for (var i = 0; i < _first.Count; i++)
        {
            _header.Add(_first.Cell(i).ToArray());
        }

        var used = new HashSet<string>(StringComparer.Ordinal);
        return [.. Enumerable.Range(0, _first.Count).Select(i => UsableName(_first.Text(i, LongestName) ?? "", i + 1, used))];
    }

    private void CopyFirst(Row row)
    {
        row.Clear(_first.Line);
        for (var i = 0; i < _first.Count; i++)
        {
            row.Append(_first.Cell(i));
            row.EndCell(_first.Kind(i));
        }
    }

    private void Check(Row row)
    {
        if (row.Problem is not null)
        {
            return;
        }

        if (row.Count != _columns.Count)
        {
            row.Fail(Join(row), "fields", $"Line {row.Line} has {row.Count} fields where {_columns.Count} are expected.", row.Line, row.Count, _columns.Count);
        }
        else if (RepeatsHeader(row))
        {
            row.Fail(Join(row), "header_again", $"Line {row.Line} repeats the names of the columns.", row.Line);
        }
    }

    private bool RepeatsHeader(Row row)
    {
        if (_header.Count == 0)
        {
            return false;
        }

        for (var i = 0; i < _header.Count; i++)
        {
            var cell = row.Cell(i);
            cell = i == 0 && cell.StartsWith(ByteOrderMark) ? cell[3..] : cell;
            if (!cell.SequenceEqual(_header[i]))
            {
                return false;
            }
        }

        return true;
    }

    private byte[] Join(Row row)
    {
        var raw = new List<byte>();
        for (var i = 0; i < row.Count && raw.Count < 4000; i++)
        {
            if (i > 0)
            {
                raw.Add(_delimiter);
            }

            raw.AddRange(row.Cell(i));
        }

        return [.. raw];
    }

    /// <summary>One record into <paramref name="row"/>, empty lines passed over; false at the end of the file.</summary>
    private bool ReadRecord(Row row)
    {
        while (true)
        {
            row.Clear(_line);
            var (outcome, length) = Parse(_window.Bytes, row);
            if (outcome == Outcome.NeedsMore)
            {
                var knewTheEnd = _window.AtEnd;
                if (_window.Fill() || _window.AtEnd != knewTheEnd)
                {
                    continue;
                }
            }

            switch (outcome)
            {
                case Outcome.Record:
                    FailsAsText(row, _window.Bytes[..length].TrimEnd("\r\n"u8));
                    Consume(length);
                    return true;
                case Outcome.EmptyLine:
                    Consume(length);
                    continue;
                case Outcome.Nothing:
                    return false;
                default:
                    GiveUp(row, inQuotes: outcome == Outcome.NeedsMore && _inQuotes);
                    return true;
            }
        }
    }

    /// <summary>The record does not end, at least not within bounds: its first line is set aside and reading goes on after it.</summary>
    private void GiveUp(Row row, bool inQuotes)
    {
        var bytes = _window.Bytes;
        var lineLength = bytes.IndexOf(_lineEnd) is var end and >= 0 ? end : bytes.Length;
        row.Clear(_line);
        if (inQuotes)
        {
            OddQuotes++;
            row.Fail(bytes[..lineLength], "quote", $"Line {_line} opens a quote that never closes.", _line);
        }
        else
        {
            row.Fail(bytes[..Math.Min(lineLength, 4000)], "too_long", $"Line {_line} has more than {ByteWindow.LongestRecord} bytes.", _line, ByteWindow.LongestRecord);
        }

        _line++;
        _window.SkipLine(_lineEnd);
    }

    private void Consume(int length)
    {
        _line += _window.Bytes[..length].Count(_lineEnd);
        _window.Advance(length);
    }

    private (Outcome Outcome, int Length) Parse(ReadOnlySpan<byte> bytes, Row row)
    {
        _inQuotes = false;
        if (bytes.IsEmpty)
        {
            return (_window.AtEnd ? Outcome.Nothing : Outcome.NeedsMore, 0);
        }

        var (odd, used) = (false, false);
        var at = 0;
        while (true)
        {
            var wasQuoted = false;
            if (_quoted && at < bytes.Length && bytes[at] == (byte)'"')
            {
                wasQuoted = true;
                var before = at;
                if (!ParseQuoted(bytes, ref at, row, ref used))
                {
                    _inQuotes = true;
                    return (Outcome.NeedsMore, before);
                }
            }

            var rest = bytes[at..];
            var end = rest.IndexOfAny(_delimiter, _lineEnd);
            if (end < 0 && !_window.AtEnd)
            {
                return (Outcome.NeedsMore, 0);
            }

            var atLineEnd = end < 0 || rest[end] == _lineEnd;
            var cell = end < 0 ? rest : rest[..end];
            if (atLineEnd && _lineEnd == (byte)'\n' && cell.EndsWith((byte)'\r'))
            {
                cell = cell[..^1];
            }

            odd |= wasQuoted && !cell.IsEmpty;
            row.Append(cell);
            at += end < 0 ? rest.Length : end + 1;
            if (atLineEnd && row.Count == 0 && !wasQuoted && cell.Trim(" \t"u8).IsEmpty)
            {
                return (Outcome.EmptyLine, at);
            }

            row.EndCell(wasQuoted || !cell.IsEmpty ? CellKind.Text : CellKind.Missing);
            if (atLineEnd)
            {
                OddQuotes += odd ? 1 : 0;
                UsedQuotes += used ? 1 : 0;
                return (Outcome.Record, at);
            }
        }
    }

    /// <summary>A cell in quotes, up to after the closing one; false if that is not in view.</summary>
    private bool ParseQuoted(ReadOnlySpan<byte> bytes, ref int at, Row row, ref bool used)
    {
        at++;
        while (true)
        {
            var rest = bytes[at..];
            var quote = rest.IndexOf((byte)'"');
            if (quote < 0 || (quote == rest.Length - 1 && !_window.AtEnd))
            {
                return false;
            }

            row.Append(rest[..quote]);
            used = used || rest[..quote].IndexOfAny(_delimiter, _lineEnd) >= 0;
            at += quote + 1;
            if (at >= bytes.Length || bytes[at] != (byte)'"')
            {
                return true;
            }

            row.Append("\""u8);
            used = true;
            at++;
        }
    }
}
