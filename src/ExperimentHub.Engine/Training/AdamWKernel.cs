using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Engine.Training;

/// <summary>
/// The update of <see cref="AdamWSettings"/> over plain memory, eight numbers at a time, in one pass: it reads gradient, weight and
/// moments once and writes weight, moments and (when the model computes in 16 bits) the rounded weight once. Memory is the limit here, so wider registers gain nothing, and processors without them would pay.
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decay(float* weight, long count, ReadOnlySpan<float> factors)
    {
        long i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var values = Vector256.Load(weight + i);
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* source, Span<float> target)
    {
        fixed (float* sum = target)
        {
            var i = 0;
            for (; i <= target.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                (Vector256.Load(sum + i) + Vector256.Load(source + i)).Store(sum + i);
            }

            for (; i < target.Length; i++)
            {
                sum[i] += source[i];
            }
        }
    }

    /// <summary>A step for which the gradient is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void UpdateWithoutGradient(float* weight, float* first, float* second, long count)
    {
        long i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Step(weight + i, first + i, second + i, Vector256<float>.Zero).Store(weight + i);
        }

        for (; i < count; i++)
        {
            StepOne(weight + i, first + i, second + i, 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Update(float* weight, float* first, float* second, float* gradient, long count)
    {
        long i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Step(weight + i, first + i, second + i, Vector256.Load(gradient + i)).Store(weight + i);
        }

        for (; i < count; i++)
        {
            StepOne(weight + i, first + i, second + i, gradient[i]);
        }
    }

    /// <summary>Gradient and rounded weight in bfloat16: the upper half of a float, rounded to nearest even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Update(float* weight, float* first, float* second, ushort* gradient, ushort* rounded, long count)
    {
        long i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var updated = Step(weight + i, first + i, second + i, BFloat16.Widen(gradient + i));
            updated.Store(weight + i);
            BFloat16.Round(updated).Store(rounded + i);
        }

        for (; i < count; i++)
        {
            StepOne(weight + i, first + i, second + i, BFloat16.Widen(gradient[i]));
            rounded[i] = BFloat16.Round(weight[i]);
        }
    }

    /// <summary>Σ g² in 64 bits; the same for the same numbers, whatever the threads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SquaredNorm(float* values, long count)
    {
        var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
        long i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Accumulate(Vector256.Load(values + i), ref low, ref high);
        }

        var total = Vector256.Sum(low + high);
        for (; i < count; i++)
        {
            total += (double)values[i] * values[i];
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SquaredNorm(ushort* values, long count)
    {
        var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
        long i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Accumulate(BFloat16.Widen(values + i), ref low, ref high);
        }

        var total = Vector256.Sum(low + high);
        for (; i < count; i++)
        {
            var value = (double)BFloat16.Widen(values[i]);
            total += value * value;
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(Vector256<float> values, ref Vector256<double> low, ref Vector256<double> high)
    {
        var (lower, upper) = Vector256.Widen(values);
        low += lower * lower;
        high += upper * upper;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Step(float* weight, float* first, float* second, Vector256<float> gradient)
    {
        gradient *= _gradientScale;
        var m = (Vector256.Load(first) * _beta1) + (gradient * (1 - _beta1));
        var v = (Vector256.Load(second) * _beta2) + (gradient * gradient * (1 - _beta2));
        m.Store(first);
        v.Store(second);
        var root = (Vector256.Sqrt(v) / Vector256.Create(_rootCorrection)) + Vector256.Create(_epsilon);
        return (Vector256.Load(weight) * _keep) - (m * _stepSize / root);
    }

    private void StepOne(float* weight, float* first, float* second, float gradient)
    {
        gradient *= _gradientScale;
        *first = (*first * _beta1) + (gradient * (1 - _beta1));
        *second = (*second * _beta2) + (gradient * gradient * (1 - _beta2));
        *weight = (*weight * _keep) - (*first * _stepSize / ((MathF.Sqrt(*second) / _rootCorrection) + _epsilon));
    }
}
