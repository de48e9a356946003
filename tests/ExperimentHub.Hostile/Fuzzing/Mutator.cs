using System.Buffers.Binary;
using System.Text;
using ExperimentHub.Engine.Training;

namespace ExperimentHub.Hostile.Fuzzing;

/// <summary>Makes the input of a number: a seed of the target, changed a few times. The same number gives the same bytes.</summary>
internal static class Mutator
{
    private const int Longest = 256 << 10;

    private static readonly string[] s_numbers =
        ["-1", "0", "1", "255", "65536", "2147483648", "4294967295", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e400", "-0.5", "00", new string('9', 400)];

    private static readonly long[] s_extremes =
        [0, 1, -1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, long.MaxValue, long.MinValue, 1L << 40];

    public static byte[] Make(FuzzTarget target, ulong seed, long number)
    {
        var random = new SeededRandom(seed ^ ((ulong)number * 0x9E3779B97F4A7C15));
        var content = target.Seeds[random.Next(target.Seeds.Count)];
        if (target.Wrap is null)
        {
            return Change(content, target, random);
        }

        return random.Next() % 2 == 0 ? target.Wrap(Change(content, target, random)) : Change(target.Wrap(content), target, random);
    }

    private static byte[] Change(byte[] content, FuzzTarget target, SeededRandom random)
    {
        var bytes = new List<byte>(content);
        for (var left = 1 + random.Next(6); left > 0; left--)
        {
            Once(bytes, target, random);
            if (bytes.Count > Longest)
            {
                bytes.RemoveRange(Longest, bytes.Count - Longest);
            }
        }

        return [.. bytes];
    }

    private static void Once(List<byte> bytes, FuzzTarget target, SeededRandom random)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(1 + random.Next(32), bytes.Count - at);
        switch (random.Next(12))
        {
            case 0 when length > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when length > 0:
                bytes[at] = (byte)random.Next();
                break;
            case 2:
                Overwrite(bytes, at, random);
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                var piece = bytes.GetRange(at, length);
                for (var times = 1 + random.Next(8); times > 0; times--)
                {
                    bytes.InsertRange(at, piece);
                }

                break;
            case 5 or 6:
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(target.Words[random.Next(target.Words.Count)]));
                break;
            case 7:
                var other = target.Seeds[random.Next(target.Seeds.Count)];
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.AsSpan(Math.Min(at, other.Length)));
                break;
            case 8 when random.Next(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 9 when random.Next(50) == 0:
                var word = Encoding.UTF8.GetBytes(target.Words[random.Next(target.Words.Count)]);
                var many = new byte[Math.Min(Longest, word.Length * (1 + random.Next(60_000)))];
                for (var i = 0; i < many.Length; i++)
                {
                    many[i] = word[i % word.Length];
                }

                bytes.InsertRange(at, many);
                break;
            default:
                ReplaceNumber(bytes, at, random);
                break;
        }
    }

    /// <summary>A little-endian number of 2, 4 or 8 bytes at an extreme.</summary>
    private static void Overwrite(List<byte> bytes, int at, SeededRandom random)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, s_extremes[random.Next(s_extremes.Length)]);
        var length = Math.Min(2 << random.Next(3), bytes.Count - at);
        for (var i = 0; i < length; i++)
        {
            bytes[at + i] = number[i];
        }
    }

    /// <summary>The digits after <paramref name="at"/> become another number.</summary>
    private static void ReplaceNumber(List<byte> bytes, int at, SeededRandom random)
    {
        var begin = bytes.FindIndex(at, b => b is >= (byte)'0' and <= (byte)'9');
        if (begin < 0)
        {
            return;
        }

        var end = begin;
        while (end < bytes.Count && bytes[end] is >= (byte)'0' and <= (byte)'9')
        {
            end++;
        }

        bytes.RemoveRange(begin, end - begin);
        bytes.InsertRange(begin, Encoding.ASCII.GetBytes(s_numbers[random.Next(s_numbers.Length)]));
    }
}
