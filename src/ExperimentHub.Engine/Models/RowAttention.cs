using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ExperimentHub.Engine.Training;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>
/// Self-attention over packed rows (Vaswani et al. 2017, equation 1), each row by itself: softmax(q · kᵀ / √D) ∘ kept · v, and its
/// gradient. One pass per row and head with all numbers in the nearest cache, in 32 bits whatever the tensors hold; torch takes a dozen
/// calls over padded tensors for the same.
/// </summary>
/// <remarks>N tokens, B rows, H heads, D head size, C = H · D; working copies are filled up with zeros to multiples of eight.</remarks>
internal sealed unsafe class RowAttention(int[] offsets, int heads, int headSize)
{
    private const int Lane = 8;

    private readonly int _width = heads * headSize;
    private readonly int _line = SoftmaxLine.FilledUp(headSize);   // of a token in a working copy
    private readonly long[] _squares = Squares(offsets, heads);
    private readonly ParallelOptions _threads = new() { MaxDegreeOfParallelism = get_num_threads() };

    /// <summary>How many probabilities there are: for each row and head a square of its length, each line filled up to a multiple of eight.</summary>
    public long ProbabilityCount => _squares[^1];

    /// <summary>
    /// (N, 3C) query, key and value to (N, C) and the probabilities that <see cref="Backward"/> wants. <paramref name="kept"/> is what
    /// dropout makes of each probability: a factor, 0 or 1 / (1 − p).
    /// </summary>
    public (Tensor Output, Tensor Probabilities) Forward(Tensor qkv, Tensor? kept)
    {
        var output = empty([qkv.shape[0], _width], qkv.dtype);
        var probabilities = empty([ProbabilityCount], ScalarType.Float32);
        var (source, target) = (qkv.Address(), output.Address());
        var stored = (float*)probabilities.Address();
        var factors = Pointer(kept);
        var half = qkv.dtype == ScalarType.BFloat16;
        Parallel.For(0, offsets.Length - 1, _threads, row => ForwardRow(row, source, target, stored, factors, half));
        return (output, probabilities);
    }

    /// <summary>The gradient (N, 3C) of query, key and value from that of the output (N, C).</summary>
    public Tensor Backward(Tensor qkv, Tensor probabilities, Tensor? kept, Tensor outputGradient)
    {
        var gradient = empty(qkv.shape, qkv.dtype);
        var half = qkv.dtype == ScalarType.BFloat16;
        var (source, target, outer) = (qkv.Address(), gradient.Address(), outputGradient.Address());
        var stored = (float*)probabilities.Address();
        var factors = Pointer(kept);
        Parallel.For(0, offsets.Length - 1, _threads, row => BackwardRow(row, source, target, stored, factors, outer, half));
        return gradient;
    }

    private static float* Pointer(Tensor? tensor) => tensor is null ? null : (float*)tensor.Address();

    private static long[] Squares(int[] offsets, int heads)
    {
        var begins = new long[offsets.Length];
        for (var row = 0; row < offsets.Length - 1; row++)
        {
            var length = offsets[row + 1] - offsets[row];
            begins[row + 1] = begins[row] + ((long)heads * length * SoftmaxLine.FilledUp(length));
        }

        return begins;
    }

    private void ForwardRow(int row, nint source, nint target, float* stored, float* factors, bool half)
    {
        var length = offsets[row + 1] - offsets[row];
        var filled = SoftmaxLine.FilledUp(length);
        var (tile, square) = (length * _line, length * filled);
        using var scratch = new Scratch((3 * tile) + (_line * filled) + square);
        var q = scratch.Take(tile);
        var k = scratch.Take(tile);
        var v = scratch.Take(tile);
        var transposed = scratch.Take(_line * filled);
        var dropped = scratch.Take(square);
        var scale = 1 / MathF.Sqrt(headSize);
        for (var head = 0; head < heads; head++)
        {
            var first = ((long)offsets[row] * 3 * _width) + (head * headSize);
            var p = stored + _squares[row] + ((long)head * square);
            Load(source, half, first, 3 * _width, length, scale, q);
            Load(source, half, first + _width, 3 * _width, length, 1, k);
            Load(source, half, first + (2 * _width), 3 * _width, length, 1, v);
            Transpose(k, transposed, length, filled);
            SmallProduct.Multiply(q, _line, 1, transposed, p, length, headSize, filled);
            Softmax(p, length, filled);
            var weights = p;
            if (factors is not null)
            {
                MultiplyElements(p, factors + (p - stored), dropped, square);
                weights = dropped;
            }

            SmallProduct.Multiply(weights, filled, 1, v, q, length, length, _line);   // q is free now
            Store(q, target, half, ((long)offsets[row] * _width) + (head * headSize), _width, length, 1);
        }
    }

    private void BackwardRow(int row, nint source, nint target, float* stored, float* factors, nint outer, bool half)
    {
        var length = offsets[row + 1] - offsets[row];
        var filled = SoftmaxLine.FilledUp(length);
        var (tile, square) = (length * _line, length * filled);
        using var scratch = new Scratch((4 * tile) + (_line * filled) + (2 * square));
        var q = scratch.Take(tile);
        var k = scratch.Take(tile);
        var g = scratch.Take(tile);
        var result = scratch.Take(tile);
        var transposed = scratch.Take(_line * filled);
        var weights = scratch.Take(square);
        var change = scratch.Take(square);
        var scale = 1 / MathF.Sqrt(headSize);
        for (var head = 0; head < heads; head++)
        {
            var first = ((long)offsets[row] * 3 * _width) + (head * headSize);
            var p = stored + _squares[row] + ((long)head * square);
            Load(outer, half, ((long)offsets[row] * _width) + (head * headSize), _width, length, 1, g);
            var kept = factors is null ? null : factors + (p - stored);

            // dv = (p ∘ kept)ᵀ · g
            MultiplyElements(p, kept, weights, square);
            SmallProduct.Multiply(weights, 1, filled, g, result, length, length, _line);
            Store(result, target, half, first + (2 * _width), 3 * _width, length, 1);

            // The change of the scores: p ∘ (d − Σ d ∘ p) with d = (g · vᵀ) ∘ kept
            Load(source, half, first + (2 * _width), 3 * _width, length, 1, k);
            Transpose(k, transposed, length, filled);
            SmallProduct.Multiply(g, _line, 1, transposed, change, length, headSize, filled);
            MultiplyElements(change, kept, change, square);
            SoftmaxGradient(p, change, length, filled);

            Load(source, half, first, 3 * _width, length, 1, q);
            Load(source, half, first + _width, 3 * _width, length, 1, k);
            SmallProduct.Multiply(change, filled, 1, k, result, length, length, _line);
            Store(result, target, half, first, 3 * _width, length, scale);
            SmallProduct.Multiply(change, 1, filled, q, result, length, length, _line);
            Store(result, target, half, first + _width, 3 * _width, length, scale);
        }
    }

    /// <summary>Each line becomes its softmax; what fills it up becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Softmax(float* scores, int length, int filled)
    {
        for (var line = scores; line < scores + ((long)length * filled); line += filled)
        {
            SoftmaxLine.Apply(line, length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftmaxGradient(float* probabilities, float* gradient, int length, int filled)
    {
        for (var begin = 0L; begin < (long)length * filled; begin += filled)
        {
            var p = probabilities + begin;
            var g = gradient + begin;
            var sum = Vector256<float>.Zero;
            for (var i = 0; i < filled; i += Lane)
            {
                sum = Vector256.FusedMultiplyAdd(Vector256.Load(p + i), Vector256.Load(g + i), sum);
            }

            var mean = Vector256.Create(Vector256.Sum(sum));
            for (var i = 0; i < filled; i += Lane)
            {
                (Vector256.Load(p + i) * (Vector256.Load(g + i) - mean)).Store(g + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyElements(float* values, float* factors, float* target, int count)
    {
        for (var i = 0; i < count; i += Lane)
        {
            var value = Vector256.Load(values + i);
            (factors is null ? value : value * Vector256.Load(factors + i)).Store(target + i);
        }
    }

    /// <summary>(length, D) to (D, filled), zeros where it is filled up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transpose(float* source, float* target, int length, int filled)
    {
        for (var d = 0; d < headSize; d++)
        {
            for (var t = 0; t < length; t++)
            {
                target[(d * filled) + t] = source[(t * _line) + d];
            }

            new Span<float>(target + (d * filled) + length, filled - length).Clear();
        }
    }

    /// <summary>The head's part of each token, scaled, in 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Load(nint source, bool half, long begin, int step, int length, float scale, float* target)
    {
        for (var t = 0; t < length; t++, begin += step, target += _line)
        {
            var d = 0;
            for (; d <= headSize - Lane; d += Lane)
            {
                var values = half ? BFloat16.Widen((ushort*)source + begin + d) : Vector256.Load((float*)source + begin + d);
                (values * scale).Store(target + d);
            }

            for (; d < _line; d++)
            {
                target[d] = d >= headSize ? 0 : scale * (half ? BFloat16.Widen(((ushort*)source)[begin + d]) : ((float*)source)[begin + d]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Store(float* source, nint target, bool half, long begin, int step, int length, float scale)
    {
        for (var t = 0; t < length; t++, begin += step, source += _line)
        {
            var d = 0;
            for (; d <= headSize - Lane; d += Lane)
            {
                var values = Vector256.Load(source + d) * scale;
                if (half)
                {
                    BFloat16.Round(values).Store((ushort*)target + begin + d);
                }
                else
                {
                    values.Store((float*)target + begin + d);
                }
            }

            for (; d < headSize; d++)
            {
                if (half)
                {
                    ((ushort*)target)[begin + d] = BFloat16.Round(source[d] * scale);
                }
                else
                {
                    ((float*)target)[begin + d] = source[d] * scale;
                }
            }
        }
    }

    /// <summary>Working memory of one row, from a pool.</summary>
    private ref struct Scratch : IDisposable
    {
        private readonly float[] _rented;
        private readonly System.Runtime.InteropServices.GCHandle _pin;
        private float* _next;

        public Scratch(int count)
        {
            _rented = System.Buffers.ArrayPool<float>.Shared.Rent(count);
            _pin = System.Runtime.InteropServices.GCHandle.Alloc(_rented, System.Runtime.InteropServices.GCHandleType.Pinned);
            _next = (float*)_pin.AddrOfPinnedObject();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public float* Take(int count)
        {
            var taken = _next;
            _next += count;
            return taken;
        }

        public readonly void Dispose()
        {
            _pin.Free();
            System.Buffers.ArrayPool<float>.Shared.Return(_rented);
        }
    }
}
