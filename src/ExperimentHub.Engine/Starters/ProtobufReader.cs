using System.Buffers.Binary;

namespace ExperimentHub.Engine.Starters;

/// <summary>Walks the fields of one protocol buffers message, every length checked against what is there.</summary>
internal ref struct ProtobufReader(ReadOnlyMemory<byte> message)
{
    private ReadOnlyMemory<byte> _rest = message;

    /// <summary>Number of the field last read.</summary>
    internal int Field { get; private set; }

    /// <summary>Its value if it is a number.</summary>
    internal ulong Number { get; private set; }

    /// <summary>Its content if it has a length: text, bytes, a message, packed numbers.</summary>
    internal ReadOnlyMemory<byte> Bytes { get; private set; }

    internal readonly string Text => System.Text.Encoding.UTF8.GetString(Bytes.Span);

    internal readonly bool HasBytes => !Bytes.IsEmpty;

    /// <summary>Moves to the next field; false at the end.</summary>
    internal bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var key = Varint();
        Field = checked((int)(key >> 3));
        (Number, Bytes) = (0, default);
        switch (key & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8).Span);
                break;
            case 2:
                Bytes = Take(Varint());
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span);
                break;
            default:
                throw Damaged();
        }

        return true;
    }

    /// <summary>Numbers of a repeated field: packed in this one, or the single one here.</summary>
    internal readonly IEnumerable<long> Numbers()
    {
        if (Bytes.IsEmpty)
        {
            return [(long)Number];
        }

        var numbers = new List<long>();
        var packed = new ProtobufReader(Bytes);
        while (!packed._rest.IsEmpty)
        {
            numbers.Add((long)packed.Varint());
        }

        return numbers;
    }

    private static InputException Damaged() => new("The starter's model.onnx is damaged; restore the package again.", "starter.onnx");

    private ReadOnlyMemory<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw Damaged();
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Take(1).Span[0];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }
}
