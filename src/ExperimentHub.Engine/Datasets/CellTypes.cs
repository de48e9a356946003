using System.Buffers.Text;
using System.Globalization;
using System.Text;
using ExperimentHub.Engine.Datasets.Reading;

namespace ExperimentHub.Engine.Datasets;

/// <summary>
/// Finds the type of a column from its cells. A number counts as one only if writing it out gives the same text, so 007 and 1,000 stay
/// text and nothing is lost.
/// </summary>
internal sealed class CellTypes
{
    private bool _integers = true;
    private bool _numbers = true;
    private bool _flags = true;
    private bool _any;

    /// <summary>One of <see cref="ColumnTypes"/>, by all cells seen so far.</summary>
    internal string Type => !_any ? ColumnTypes.Text
        : _integers ? ColumnTypes.Integer
        : _numbers ? ColumnTypes.Number
        : _flags ? ColumnTypes.Flag
        : ColumnTypes.Text;

    internal void See(ReadOnlySpan<byte> cell, CellKind kind, bool typedSource)
    {
        if (kind == CellKind.Missing || (cell.IsEmpty && !typedSource))
        {
            return;
        }

        _any = true;
        if (typedSource)
        {
            // JSON says itself what is text: "1" is.
            var number = kind == CellKind.Number;
            _integers = _integers && number && IsInteger(cell);
            _numbers = _numbers && number;
            _flags = _flags && kind is CellKind.True or CellKind.False;
            return;
        }

        if (!_numbers && !_flags)
        {
            return;
        }

        var bare = cell.Trim(" \t"u8);
        _integers = _integers && IsInteger(bare);
        _numbers = _numbers && IsNumber(bare);
        _flags = _flags && (Ascii.EqualsIgnoreCase(cell, "true"u8) || Ascii.EqualsIgnoreCase(cell, "false"u8));
    }

    internal static double ParseNumber(ReadOnlySpan<byte> cell) =>
        double.Parse(cell.Trim(" \t"u8), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static bool IsInteger(ReadOnlySpan<byte> cell)
    {
        var digits = cell.StartsWith((byte)'-') ? cell[1..] : cell;
        return digits.Length is > 0 and <= 19 &&
            digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 &&
            (digits[0] != (byte)'0' || cell.Length == 1) &&
            Utf8Parser.TryParse(cell, out long _, out var read) && read == cell.Length;
    }

    private static bool IsNumber(ReadOnlySpan<byte> cell)
    {
        if (cell.IsEmpty || cell.Length > 64)
        {
            return false;
        }

        var digits = cell.TrimStart("+-"u8);
        var leadingZero = digits.Length > 1 && digits[0] == (byte)'0' && digits[1] is >= (byte)'0' and <= (byte)'9';
        var startsRight = digits.Length > 0 && (digits[0] is (>= (byte)'0' and <= (byte)'9') or (byte)'.');
        return startsRight && !leadingZero && IsExact(digits) &&
            double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value);
    }

    /// <summary>False for whole numbers beyond 64 bits, which a double would change.</summary>
    private static bool IsExact(ReadOnlySpan<byte> digits) =>
        digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0 || digits.Length <= 15 || IsInteger(digits);
}
