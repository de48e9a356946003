using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ExperimentHub.Engine.Training;

/// <summary>
/// The update of <see cref="AdamWSettings"/> over plain memory, sixteen numbers at a time, in one pass: it reads gradient, weight and
/// moments once and writes weight, moments and (when the model computes in 16 bits) the rounded weight once. Memory is the limit here.
/// </summary>
internal readonly unsafe struct AdamWKernel
{
    private readonly float _beta1;
    private readonly float _beta2;
    private readonly float _epsilon;
    private readonly float _keep;           // 1 − lr · decay
    private readonly float _stepSize;       // lr / (1 − β1ᵗ)
    private readonly float _rootCorrection; // √(1 − β2ᵗ)
    private readonly float _gradientScale;

    /// <summary>
    /// For one step, which counts from 1; <paramref name="gradientScale"/> is what clipping asks for, and biases and normalisations do
    /// not decay.
    /// </summary>
    public AdamWKernel(AdamWSettings settings, double learningRate, long step, double gradientScale, bool decays)
    {
        _beta1 = (float)settings.Beta1;
        _beta2 = (float)settings.Beta2;
        _epsilon = (float)settings.Epsilon;
        _keep = Keep(settings, learningRate, decays);
        _stepSize = (float)(learningRate / (1 - Math.Pow(settings.Beta1, step)));
        _rootCorrection = (float)Math.Sqrt(1 - Math.Pow(settings.Beta2, step));
        _gradientScale = (float)gradientScale;
    }

    /// <summary>What one step of decay leaves of a weight.</summary>
    public static float Keep(AdamWSettings settings, double learningRate, bool decays = true) =>
        decays ? (float)(1 - (learningRate * settings.WeightDecay)) : 1;

    /// <summary>Several steps of decay alone, one factor after the other: what the steps themselves would have left.</summary>
    public static void Decay(float* weight, long count, ReadOnlySpan<float> factors)
    {
        long i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var values = Vector512.Load(weight + i);
            foreach (var factor in factors)
            {
                values *= factor;
            }

            values.Store(weight + i);
        }

        for (; i < count; i++)
        {
            foreach (var factor in factors)
            {
                weight[i] *= factor;
            }
        }
    }

    public static void Add(float* source, Span<float> target)
    {
        fixed (float* sum = target)
        {
            var i = 0;
            for (; i <= target.Length - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                (Vector512.Load(sum + i) + Vector512.Load(source + i)).Store(sum + i);
            }

            for (; i < target.Length; i++)
            {
                sum[i] += source[i];
            }
        }
    }

    /// <summary>A step for which the gradient is zero.</summary>
    public void UpdateWithoutGradient(float* weight, float* first, float* second, long count)
    {
        long i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Step(weight + i, first + i, second + i, Vector512<float>.Zero).Store(weight + i);
        }

        for (; i < count; i++)
        {
            StepOne(weight + i, first + i, second + i, 0);
        }
    }

    public void Update(float* weight, float* first, float* second, float* gradient, long count)
    {
        long i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Step(weight + i, first + i, second + i, Vector512.Load(gradient + i)).Store(weight + i);
        }

        for (; i < count; i++)
        {
            StepOne(weight + i, first + i, second + i, gradient[i]);
        }
    }

    /// <summary>Gradient and rounded weight in bfloat16: the upper half of a float, rounded to nearest even.</summary>
    public void Update(float* weight, float* first, float* second, ushort* gradient, ushort* rounded, long count)
    {
        long i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var updated = Step(weight + i, first + i, second + i, Widen(gradient + i));
            updated.Store(weight + i);
            Vector512.Narrow(RoundToUpperHalf(updated), Vector512<uint>.Zero).GetLower().Store(rounded + i);
        }

        for (; i < count; i++)
        {
            StepOne(weight + i, first + i, second + i, BitConverter.UInt32BitsToSingle((uint)gradient[i] << 16));
            var bits = BitConverter.SingleToUInt32Bits(weight[i]);
            rounded[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    /// <summary>Σ g² in 64 bits; the same for the same numbers, whatever the threads.</summary>
    public static double SquaredNorm(float* values, long count)
    {
        var sum = Vector512<double>.Zero;
        long i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            sum = Accumulate(sum, Vector512.Load(values + i));
        }

        var total = Vector512.Sum(sum);
        for (; i < count; i++)
        {
            total += (double)values[i] * values[i];
        }

        return total;
    }

    public static double SquaredNorm(ushort* values, long count)
    {
        var sum = Vector512<double>.Zero;
        long i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            sum = Accumulate(sum, Widen(values + i));
        }

        var total = Vector512.Sum(sum);
        for (; i < count; i++)
        {
            var value = (double)BitConverter.UInt32BitsToSingle((uint)values[i] << 16);
            total += value * value;
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Accumulate(Vector512<double> sum, Vector512<float> values)
    {
        var (low, high) = Vector512.Widen(values);
        return sum + (low * low) + (high * high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen(ushort* values)
    {
        var (low, high) = Vector256.Widen(Vector256.Load(values));
        return Vector512.ShiftLeft(Vector512.Create(low, high), 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> RoundToUpperHalf(Vector512<float> values)
    {
        var bits = values.AsUInt32();
        return (bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One)) >>> 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Step(float* weight, float* first, float* second, Vector512<float> gradient)
    {
        gradient *= _gradientScale;
        var m = (Vector512.Load(first) * _beta1) + (gradient * (1 - _beta1));
        var v = (Vector512.Load(second) * _beta2) + (gradient * gradient * (1 - _beta2));
        m.Store(first);
        v.Store(second);
        var root = (Vector512.Sqrt(v) / Vector512.Create(_rootCorrection)) + Vector512.Create(_epsilon);
        return (Vector512.Load(weight) * _keep) - (m * _stepSize / root);
    }

    private void StepOne(float* weight, float* first, float* second, float gradient)
    {
        gradient *= _gradientScale;
        *first = (*first * _beta1) + (gradient * (1 - _beta1));
        *second = (*second * _beta2) + (gradient * gradient * (1 - _beta2));
        *weight = (*weight * _keep) - (*first * _stepSize / ((MathF.Sqrt(*second) / _rootCorrection) + _epsilon));
    }
}
