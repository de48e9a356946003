using System.Buffers.Binary;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Reads a stranger's protobuf message field by field; every length is held against what is there, and groups (long out of use) are refused.</summary>
internal ref struct ProtobufReader(string fileName, ReadOnlySpan<byte> message)
{
    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;

    /// <summary>Number of the field that <see cref="Next"/> found.</summary>
    internal int Field { get; private set; }

    private int WireType { get; set; }

    internal bool Next()
    {
        if (_at == _message.Length)
        {
            return false;
        }

        var key = TakeVarint();
        (Field, WireType) = ((int)Math.Min(key >> 3, int.MaxValue), (int)(key & 7));
        return Field > 0 && WireType is 0 or 1 or 2 or 5 ? true : throw Damaged();
    }

    internal long Number() => WireType == 0 ? (long)TakeVarint() : throw Damaged();

    internal bool Flag() => Number() != 0;

    internal float Float()
    {
        if (WireType != 5)
        {
            throw Damaged();
        }

        return BinaryPrimitives.ReadSingleLittleEndian(Take(4));
    }

    internal ReadOnlySpan<byte> Bytes()
    {
        if (WireType != 2)
        {
            throw Damaged();
        }

        var length = TakeVarint();
        return length <= (ulong)(_message.Length - _at) ? Take((int)length) : throw Damaged();
    }

    internal string Text()
    {
        try
        {
            return s_strictUtf8.GetString(Bytes());
        }
        catch (DecoderFallbackException)
        {
            throw Damaged();
        }
    }

    /// <summary>Passes over a field that nobody here knows.</summary>
    internal void Skip()
    {
        switch (WireType)
        {
            case 0:
                TakeVarint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                Bytes();
                break;
            default:
                Take(4);
                break;
        }
    }

    private readonly InputException Damaged() =>
        new($"{fileName} is damaged: no valid SentencePiece model at byte {_at}; take the original file.", "tokenizer.protobuf", fileName, _at);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _message.Length - _at)
        {
            throw Damaged();
        }

        _at += count;
        return _message.Slice(_at - count, count);
    }

    private ulong TakeVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var b = Take(1)[0];
            value |= shift < 64 ? (ulong)(b & 0x7F) << shift : 0;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }
}
