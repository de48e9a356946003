using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ExperimentHub.Engine.Models;

/// <summary>
/// c = a · b for matrices of a few dozen rows that lie in the nearest cache, where a call into a library costs more than the product.
/// </summary>
internal static unsafe class SmallProduct
{
    private const int Lane = 8;

    /// <summary>
    /// c (m, n) = a (m, k) · b (k, n). Element (i, t) of a is at <c>a[i * rowStep + t * columnStep]</c>, so a may be read transposed;
    /// b and c are dense, and n is a multiple of eight.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, int rowStep, int columnStep, float* b, float* c, int m, int k, int n)
    {
        var i = 0;
        for (; i <= m - 4; i += 4)
        {
            var j = 0;
            for (; j <= n - (2 * Lane); j += 2 * Lane)
            {
                FourByTwo(a + (i * rowStep), rowStep, columnStep, b + j, c + (i * n) + j, k, n);
            }

            for (; j < n; j += Lane)
            {
                FourByOne(a + (i * rowStep), rowStep, columnStep, b + j, c + (i * n) + j, k, n);
            }
        }

        for (; i < m; i++)
        {
            for (var j = 0; j < n; j += Lane)
            {
                OneByOne(a + (i * rowStep), columnStep, b + j, c + (i * n) + j, k, n);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourByTwo(float* a, int rowStep, int columnStep, float* b, float* c, int k, int n)
    {
        var (c00, c01, c10, c11) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        var (c20, c21, c30, c31) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (var t = 0; t < k; t++, a += columnStep, b += n)
        {
            var (b0, b1) = (Vector256.Load(b), Vector256.Load(b + Lane));
            var a0 = Vector256.Create(a[0]);
            c00 = Vector256.FusedMultiplyAdd(a0, b0, c00);
            c01 = Vector256.FusedMultiplyAdd(a0, b1, c01);
            var a1 = Vector256.Create(a[rowStep]);
            c10 = Vector256.FusedMultiplyAdd(a1, b0, c10);
            c11 = Vector256.FusedMultiplyAdd(a1, b1, c11);
            var a2 = Vector256.Create(a[2 * rowStep]);
            c20 = Vector256.FusedMultiplyAdd(a2, b0, c20);
            c21 = Vector256.FusedMultiplyAdd(a2, b1, c21);
            var a3 = Vector256.Create(a[3 * rowStep]);
            c30 = Vector256.FusedMultiplyAdd(a3, b0, c30);
            c31 = Vector256.FusedMultiplyAdd(a3, b1, c31);
        }

        c00.Store(c);
        c01.Store(c + Lane);
        c10.Store(c + n);
        c11.Store(c + n + Lane);
        c20.Store(c + (2 * n));
        c21.Store(c + (2 * n) + Lane);
        c30.Store(c + (3 * n));
        c31.Store(c + (3 * n) + Lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourByOne(float* a, int rowStep, int columnStep, float* b, float* c, int k, int n)
    {
        var (c0, c1, c2, c3) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (var t = 0; t < k; t++, a += columnStep, b += n)
        {
            var b0 = Vector256.Load(b);
            c0 = Vector256.FusedMultiplyAdd(Vector256.Create(a[0]), b0, c0);
            c1 = Vector256.FusedMultiplyAdd(Vector256.Create(a[rowStep]), b0, c1);
            c2 = Vector256.FusedMultiplyAdd(Vector256.Create(a[2 * rowStep]), b0, c2);
            c3 = Vector256.FusedMultiplyAdd(Vector256.Create(a[3 * rowStep]), b0, c3);
        }

        c0.Store(c);
        c1.Store(c + n);
        c2.Store(c + (2 * n));
        c3.Store(c + (3 * n));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OneByOne(float* a, int columnStep, float* b, float* c, int k, int n)
    {
        var sum = Vector256<float>.Zero;
        for (var t = 0; t < k; t++, a += columnStep, b += n)
        {
            sum = Vector256.FusedMultiplyAdd(Vector256.Create(a[0]), Vector256.Load(b), sum);
        }

        sum.Store(c);
    }
}
