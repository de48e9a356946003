using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Unicode;

namespace ExperimentHub.Engine.Checkpoints.PyTorch;

/// <summary>The arguments of a pickle's opcodes, read in turn; no length is believed beyond what is there.</summary>
internal ref struct PickleInput(ReadOnlySpan<byte> bytes, PickleFaults faults)
{
    private const int LongestNumber = 1024;
    private const int LongestDigits = 1024;
    private const int LongestText = 1 << 20;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    public byte Byte() => Take(1)[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public ReadOnlySpan<byte> Take(ulong length)
    {
        Expect(length);
        var taken = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return taken;
    }

    /// <summary>Checks that so many bytes follow, without taking them.</summary>
    public readonly void Expect(ulong length)
    {
        if (length > (ulong)(_bytes.Length - Position))
        {
            throw faults.Damaged("its pickle is cut off");
        }
    }

    public string Text(ulong length)
    {
        Expect(length);
        if (length > LongestText)
        {
            throw faults.Damaged("a text in its pickle is longer than any name");
        }

        var utf8 = Take(length);
        return Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : throw faults.Damaged("a text in its pickle is not UTF-8");
    }

    /// <summary>To the end of the line, which is taken too.</summary>
    public string Line()
    {
        var end = _bytes[Position..].IndexOf((byte)'\n');
        if (end is < 0 or > LongestText)
        {
            throw faults.Damaged("its pickle is cut off");
        }

        var line = Encoding.Latin1.GetString(Take((ulong)end));
        Position++;
        return line;
    }

    /// <summary>Two's complement, little-endian, as opcodes LONG1 and LONG4 have it.</summary>
    public BigInteger Number(int length)
    {
        if (length is < 0 or > LongestNumber)
        {
            throw faults.Damaged("a number in its pickle is impossibly long");
        }

        return new BigInteger(Take((ulong)length));
    }

    /// <summary>Decimal digits, as opcodes INT and LONG have them.</summary>
    public BigInteger Digits()
    {
        var digits = Line();
        return digits.Length <= LongestDigits && BigInteger.TryParse(digits.TrimEnd('L'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw faults.Damaged("a number in its pickle has no digits");
    }

    public double Decimal() =>
        double.TryParse(Line(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw faults.Damaged("a number in its pickle has no digits");

    /// <summary>A text in quotes, as Python shows it (opcode STRING).</summary>
    public string Quoted()
    {
        var line = Line().Trim();
        return line.Length >= 2 && line[0] == line[^1] && line[0] is '\'' or '"' ? Unescape(line[1..^1], all: true) : throw faults.Damaged("a text in its pickle has no quotes");
    }

    /// <summary>A text in which only <c>\u</c> and <c>\U</c> are escapes (opcode UNICODE).</summary>
    public string Escaped() => Unescape(Line(), all: false);

    private readonly string Unescape(string text, bool all)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var digits = text[i] != '\\' || i + 1 == text.Length ? 0 : text[i + 1] switch { 'x' when all => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits > 0)
            {
                var start = i + 2;
                if (start + digits > text.Length || !int.TryParse(text.AsSpan(start, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code is < 0 or > 0x10FFFF)
                {
                    throw faults.Damaged("a text in its pickle has an escape that is none");
                }

                plain.Append(code > char.MaxValue ? char.ConvertFromUtf32(code) : ((char)code).ToString());
                i += 1 + digits;
            }
            else if (all && text[i] == '\\' && i + 1 < text.Length)
            {
                i++;
                plain.Append(text[i] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', var other => other });
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
