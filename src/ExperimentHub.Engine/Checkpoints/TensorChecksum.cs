using System.Numerics;
using System.Runtime.InteropServices;

namespace ExperimentHub.Engine.Checkpoints;

/// <summary>CRC-32C of bytes: tells what a disk or a copy has damaged; no protection against a person.</summary>
internal static class TensorChecksum
{
    /// <summary>What <see cref="Add"/> starts from.</summary>
    public const uint Start = uint.MaxValue;

    /// <summary>Goes on over more bytes; every piece but the last must have a multiple of 8.</summary>
    public static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var rest in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return crc;
    }
}
