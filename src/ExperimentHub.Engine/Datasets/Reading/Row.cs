using System.Text;

namespace ExperimentHub.Engine.Datasets.Reading;

internal enum CellKind : byte
{
    Missing,
    Text,
    Number,
    True,
    False,

    /// <summary>A list or an object, as JSON text.</summary>
    Json,
}

/// <summary>One row as read: its cells in UTF-8, or what is wrong with it. Reused from row to row.</summary>
internal sealed class Row
{
    private const int LongestRaw = 2000;

    private readonly List<(int Start, int Length, CellKind Kind)> _cells = [];
    private byte[] _bytes = new byte[1024];
    private int _length;
    private int _cellStart;

    /// <summary>1-based line of the file where the row begins.</summary>
    internal long Line { get; set; }

    internal RowProblem? Problem { get; private set; }

    internal int Count => _cells.Count;

    internal ReadOnlySpan<byte> Cell(int column) =>
        column < _cells.Count ? _bytes.AsSpan(_cells[column].Start, _cells[column].Length) : default;

    internal CellKind Kind(int column) => column < _cells.Count ? _cells[column].Kind : CellKind.Missing;

    internal string? Text(int column) => Kind(column) == CellKind.Missing ? null : Encoding.UTF8.GetString(Cell(column));

    /// <summary>The beginning of a cell's text, whole characters only; of a long cell no more than this is ever decoded.</summary>
    internal string? Text(int column, int most)
    {
        if (Kind(column) == CellKind.Missing)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(Cell(column) is var cell && cell.Length > (most + 1) * 3 ? cell[..((most + 1) * 3)] : cell);
        return text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
    }

    internal void Clear(long line)
    {
        _cells.Clear();
        _length = 0;
        _cellStart = 0;
        Line = line;
        Problem = null;
    }

    internal void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Room at the end of the cell in the making, which counts as written.</summary>
    internal Span<byte> Reserve(int length)
    {
        if (_length + length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        }

        _length += length;
        return _bytes.AsSpan(_length - length, length);
    }

    /// <summary>Takes back the last bytes of <see cref="Reserve"/> that were not needed.</summary>
    internal void GiveBack(int length) => _length -= length;

    internal void EndCell(CellKind kind)
    {
        _cells.Add((_cellStart, _length - _cellStart, kind));
        _cellStart = _length;
    }

    /// <summary>Puts the cell in the making at <paramref name="column"/>; columns passed over are missing.</summary>
    internal void EndCellAt(int column, CellKind kind)
    {
        while (_cells.Count <= column)
        {
            _cells.Add((_cellStart, 0, CellKind.Missing));
        }

        _cells[column] = (_cellStart, _length - _cellStart, kind);
        _cellStart = _length;
    }

    internal void Fail(ReadOnlySpan<byte> raw, string code, string message, params object[] arguments)
    {
        var cut = raw[..Math.Min(raw.Length, LongestRaw)];
        Problem = new RowProblem
        {
            Line = Line,
            Code = code,
            Message = message,
            Arguments = arguments,
            Raw = Encoding.UTF8.GetString(cut) + (cut.Length < raw.Length ? "…" : ""),
        };
    }
}
