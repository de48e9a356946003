using System.Numerics;

namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>
/// Between which characters some token reaches across. Where none does no merge ever joins them, since its result would be such a token;
/// so a stretch without spaces (Chinese) may be cut there into parts that are met again. The characters are looked at as UTF-8, for
/// tokens of byte-level vocabularies begin and end inside them. The set is hashed to single bits: two characters may be taken for joined
/// by chance, which costs a cut, but never the other way round.
/// </summary>
internal sealed class TokenJoints
{
    /// <summary>Bytes of a character of the basic plane.</summary>
    private const int Most = 3;

    private const int BitsLog = 20;

    /// <summary>
    /// By first byte of the right character and last byte of the left one: how many bytes of both the tokens across hold, bit
    /// <c>3 (left - 1) + right - 1</c> for each combination.
    /// </summary>
    private readonly ushort[] _lengths = new ushort[0x10000];

    private readonly ulong[] _bits = new ulong[1 << (BitsLog - 6)];

    /// <summary>Notes the characters that a token holds side by side, whole or in part.</summary>
    internal void Add(ReadOnlySpan<byte> token)
    {
        for (var at = 1; at < token.Length; at++)
        {
            if (Continues(token[at]))
            {
                continue;
            }

            var left = 1;
            while (left < Most && left < at && Continues(token[at - left]))
            {
                left++;
            }

            var right = 1;
            while (right < Most && at + right < token.Length && Continues(token[at + right]))
            {
                right++;
            }

            _lengths[(token[at] << 8) | token[at - 1]] |= (ushort)(1 << ((Most * (left - 1)) + right - 1));
            var bit = Bit(Packed(token.Slice(at - left, left)), Packed(token.Slice(at, right)));
            _bits[bit >> 6] |= 1UL << bit;
        }
    }

    /// <summary>False: whatever stands around them, no token holds the end of one character and the beginning of the other.</summary>
    internal bool MayJoin(char left, char right)
    {
        if (char.IsSurrogate(left) || char.IsSurrogate(right))
        {
            return true;
        }

        var (first, second) = (Encode(left, out var firstLength), Encode(right, out var secondLength));
        for (uint lengths = _lengths[((second >> (8 * (secondLength - 1))) << 8) | (first & 0xFF)]; lengths != 0; lengths &= lengths - 1)
        {
            var (before, after) = Math.DivRem(BitOperations.TrailingZeroCount(lengths), Most);
            if (before < firstLength && after < secondLength)
            {
                var bit = Bit(first & (0xFFFFFF >> (8 * (Most - 1 - before))), second >> (8 * (secondLength - 1 - after)));
                if ((_bits[bit >> 6] & (1UL << bit)) != 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool Continues(byte value) => (value & 0xC0) == 0x80;

    private static int Bit(int left, int right) => (int)((((ulong)left << 24) | (uint)right) * 0x9E3779B97F4A7C15UL >> (64 - BitsLog));

    private static int Packed(ReadOnlySpan<byte> bytes)
    {
        var packed = 0;
        foreach (var value in bytes)
        {
            packed = (packed << 8) | value;
        }

        return packed;
    }

    /// <summary>The UTF-8 of a character of the basic plane as one number, the first byte highest.</summary>
    private static int Encode(char c, out int length)
    {
        length = c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
        return length switch
        {
            1 => c,
            2 => ((0xC0 | (c >> 6)) << 8) | 0x80 | (c & 0x3F),
            _ => ((0xE0 | (c >> 12)) << 16) | ((0x80 | ((c >> 6) & 0x3F)) << 8) | 0x80 | (c & 0x3F),
        };
    }
}
