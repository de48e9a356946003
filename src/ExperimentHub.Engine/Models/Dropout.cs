using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>Dropout of a training step. The plain way is torch's own, which draws from torch's generator.</summary>
internal class Dropout
{
    /// <summary>Zeroes each number with <paramref name="probability"/> and scales the others up, so that the mean stays.</summary>
    public virtual Tensor Apply(Tensor x, double probability) => nn.functional.dropout(x, probability);
}

/// <summary>
/// Dropout by masks of our own: torch draws one number after the other on one thread, which costs as much as a normalisation and its
/// gradient together. A mask is a function of seed, step and place (SplitMix64 over a counter, 16 bits a number), so the state of a
/// resumed run is a counter, and threads do not matter.
/// </summary>
internal sealed class MaskDropout(long seed) : Dropout
{
    private const int NumbersPerDraw = 16;
    private const int ChunkDraws = 1 << 9;

    private readonly ulong _key = (ulong)seed * 0x9E37_79B9_7F4A_7C15;

    /// <summary>Draws so far: the whole state.</summary>
    public long Counter { get; set; }

    public override Tensor Apply(Tensor x, double probability)
    {
        if (probability == 0)
        {
            return x;
        }

        using var mask = Mask(x.shape, x.dtype, probability);
        return x * mask;
    }

    /// <summary>A factor for each number: 0 with <paramref name="probability"/>, else 1 / (1 − probability).</summary>
    public unsafe Tensor Mask(long[] shape, ScalarType type, double probability)
    {
        var mask = empty(shape, type);
        var count = mask.NumberOfElements;
        var draws = (count + NumbersPerDraw - 1) / NumbersPerDraw;
        var (address, begin) = (mask.Address(), (ulong)Counter);
        var threshold = Vector256.Create((ushort)Math.Round(probability * 65536));
        var scale = (float)(1 / (1 - probability));
        var half = type == ScalarType.BFloat16;
        Parallel.For(0, (int)((draws + ChunkDraws - 1) / ChunkDraws), new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() }, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (chunk) =>
        {
            Span<ushort> last = stackalloc ushort[NumbersPerDraw * 2];
            var scaled = Vector256.Create(scale).AsUInt32();
            var scaledHalf = Vector256.Create((ushort)((BitConverter.SingleToUInt32Bits(scale) + 0x8000) >> 16));
            for (var draw = (long)chunk * ChunkDraws; draw < Math.Min(draws, (chunk + 1L) * ChunkDraws); draw++)
            {
                var kept = Vector256.GreaterThanOrEqual(Draw(begin + (ulong)draw), threshold);
                var left = count - (draw * NumbersPerDraw);
                // The last draw may have more numbers than the tensor: it goes through a buffer.
                var partial = left < NumbersPerDraw;
                fixed (ushort* buffer = last)
                {
                    if (half)
                    {
                        (kept & scaledHalf).Store(partial ? buffer : (ushort*)address + (draw * NumbersPerDraw));
                    }
                    else
                    {
                        var target = partial ? (uint*)buffer : (uint*)address + (draw * NumbersPerDraw);
                        var (low, high) = Vector256.Widen(kept.AsInt16());
                        (low.AsUInt32() & scaled).Store(target);
                        (high.AsUInt32() & scaled).Store(target + (NumbersPerDraw / 2));
                    }

                    if (partial)
                    {
                        var size = half ? sizeof(ushort) : sizeof(float);
                        Buffer.MemoryCopy(buffer, (byte*)address + (draw * NumbersPerDraw * size), left * size, left * size);
                    }
                }
            }
        });
        Counter += draws;
        return mask;
    }

    /// <summary>16 numbers of 16 bits: SplitMix64 at four places of one counter.</summary>
    private Vector256<ushort> Draw(ulong counter)
    {
        var z = (Vector256.Create((counter * 4) + 1) + Vector256<ulong>.Indices) * Vector256.Create(0x9E37_79B9_7F4A_7C15ul) + Vector256.Create(_key);
        z = (z ^ (z >>> 30)) * Vector256.Create(0xBF58_476D_1CE4_E5B9ul);
        z = (z ^ (z >>> 27)) * Vector256.Create(0x94D0_49BB_1331_11EBul);
        return (z ^ (z >>> 31)).AsUInt16();
    }
}
