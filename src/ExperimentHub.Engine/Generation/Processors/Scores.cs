using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ExperimentHub.Engine.Generation.Processors;

/// <summary>Arithmetic over the scores (V) of one place: the largest one, softmax and its logarithm.</summary>
internal static class Scores
{
    private static int Lane => Vector256<float>.Count;

    public static float Max(ReadOnlySpan<float> scores)
    {
        var most = Vector256.Create(float.NegativeInfinity);
        ref var start = ref MemoryMarshal.GetReference(scores);
        var i = 0;
        for (; i <= scores.Length - Lane; i += Lane)
        {
            most = Vector256.Max(most, Vector256.LoadUnsafe(ref start, (nuint)i));
        }

        var max = float.NegativeInfinity;
        for (var lane = 0; lane < Lane; lane++)
        {
            max = MathF.Max(max, most[lane]);
        }

        for (; i < scores.Length; i++)
        {
            max = MathF.Max(max, scores[i]);
        }

        return max;
    }

    /// <summary>The first of the largest.</summary>
    public static int ArgMax(ReadOnlySpan<float> scores) => Math.Max(0, scores.IndexOf(Max(scores)));

    /// <summary>log Σ exp(s)</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double LogSumExp(ReadOnlySpan<float> scores)
    {
        var max = Max(scores);
        ref var start = ref MemoryMarshal.GetReference(scores);
        var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
        var i = 0;
        for (; i <= scores.Length - Lane; i += Lane)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Exp(Vector256.LoadUnsafe(ref start, (nuint)i) - Vector256.Create(max)));
            low += lower;
            high += upper;
        }

        var sum = Vector256.Sum(low + high);
        for (; i < scores.Length; i++)
        {
            sum += MathF.Exp(scores[i] - max);
        }

        return max + Math.Log(sum);
    }

    /// <summary>Each score becomes its log-probability.</summary>
    public static void LogSoftmax(Span<float> scores)
    {
        var total = (float)LogSumExp(scores);
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] -= total;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(ReadOnlySpan<float> scores, Span<float> probabilities)
    {
        var total = Vector256.Create((float)LogSumExp(scores));
        ref var start = ref MemoryMarshal.GetReference(scores);
        ref var target = ref MemoryMarshal.GetReference(probabilities);
        var i = 0;
        for (; i <= scores.Length - Lane; i += Lane)
        {
            Vector256.Exp(Vector256.LoadUnsafe(ref start, (nuint)i) - total).StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < scores.Length; i++)
        {
            probabilities[i] = MathF.Exp(scores[i] - total[0]);
        }
    }

    /// <summary>−Σ p log p</summary>
    public static double Entropy(ReadOnlySpan<float> probabilities)
    {
        var entropy = 0.0;
        foreach (var p in probabilities)
        {
            entropy -= p > 0 ? p * Math.Log(p) : 0;
        }

        return entropy;
    }
}
