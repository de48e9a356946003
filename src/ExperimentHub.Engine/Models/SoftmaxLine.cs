using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ExperimentHub.Engine.Models;

/// <summary>The softmax of one line of scores, for the kernels of attention.</summary>
internal static unsafe class SoftmaxLine
{
    /// <summary>Numbers that are worked on at once.</summary>
    private const int Lane = 8;

    /// <summary>The room that a line of so many scores needs.</summary>
    public static int FilledUp(int count) => (count + Lane - 1) / Lane * Lane;

    /// <summary>Turns <paramref name="count"/> scores into their softmax in place; what fills the line up becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(float* line, int count)
    {
        var filled = FilledUp(count);
        new Span<float>(line + count, filled - count).Fill(float.NegativeInfinity);
        var most = Vector256.Create(float.NegativeInfinity);
        for (var i = 0; i < filled; i += Lane)
        {
            most = Vector256.Max(most, Vector256.Load(line + i));
        }

        var top = float.NegativeInfinity;
        for (var i = 0; i < Lane; i++)
        {
            top = MathF.Max(top, most[i]);
        }

        var sum = Vector256<float>.Zero;
        for (var i = 0; i < filled; i += Lane)
        {
            var e = Vector256.Exp(Vector256.Load(line + i) - Vector256.Create(top));
            e.Store(line + i);
            sum += e;
        }

        var share = Vector256.Create(1 / Vector256.Sum(sum));
        for (var i = 0; i < filled; i += Lane)
        {
            (Vector256.Load(line + i) * share).Store(line + i);
        }
    }
}
