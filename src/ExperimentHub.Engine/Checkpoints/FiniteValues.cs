using System.Numerics;
using System.Runtime.InteropServices;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>Finds NaN and infinities in the bytes of a tensor: values whose exponent bits are all ones.</summary>
internal static class FiniteValues
{
    public static bool All(SafetensorsType type, ReadOnlySpan<byte> bytes) => type switch
    {
        SafetensorsType.F64 => AllBelow(MemoryMarshal.Cast<byte, ulong>(bytes), 0x7FF0_0000_0000_0000ul),
        SafetensorsType.F32 => AllBelow(MemoryMarshal.Cast<byte, uint>(bytes), 0x7F80_0000u),
        SafetensorsType.F16 => AllBelow(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7C00),
        SafetensorsType.BF16 => AllBelow(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7F80),
        _ => true,
    };

    private static bool AllBelow<T>(ReadOnlySpan<T> values, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        var mask = new Vector<T>(exponent);
        var i = 0;
        for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            if (Vector.EqualsAny(new Vector<T>(values[i..]) & mask, mask))
            {
                return false;
            }
        }

        for (; i < values.Length; i++)
        {
            if ((values[i] & exponent) == exponent)
            {
                return false;
            }
        }

        return true;
    }
}
