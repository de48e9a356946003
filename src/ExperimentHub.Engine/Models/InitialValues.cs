using ExperimentHub.Engine.Training;

namespace ExperimentHub.Engine.Models;

/// <summary>Fills new weights without torch, each tensor from a stream of its own: the same seed gives the same model on every machine.</summary>
internal static class InitialValues
{
    /// <param name="values">A tensor, row by row.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="initial">What it begins as.</param>
    /// <param name="random">The tensor's stream.</param>
    public static void Fill(Span<float> values, int width, Initialisation initial, SeededRandom random)
    {
        if (initial.Deviation == 0)
        {
            values.Fill((float)initial.Mean);
            return;
        }

        FillNormal(values, initial, random);
        if (initial.PaddingRow is { } row)
        {
            values.Slice(row * width, width).Clear();   // padding means nothing
        }
    }

    /// <summary>Box and Muller 1958: two uniform numbers give two normal ones. What lies beyond the cutoff is drawn again.</summary>
    private static void FillNormal(Span<float> values, Initialisation initial, SeededRandom random)
    {
        const double Unit = 1.0 / (1L << 53);
        var cutoff = initial.Cutoff > 0 ? initial.Cutoff : double.PositiveInfinity;
        for (var i = 0; i < values.Length;)
        {
            var radius = Math.Sqrt(-2 * Math.Log(((random.Next() >> 11) + 1) * Unit));
            var (sine, cosine) = Math.SinCos(2 * Math.PI * ((random.Next() >> 11) * Unit));
            Take(values, radius * cosine, ref i);
            Take(values, radius * sine, ref i);
        }

        void Take(Span<float> into, double number, ref int at)
        {
            if (at < into.Length && Math.Abs(number) <= cutoff)
            {
                into[at++] = (float)(initial.Mean + (initial.Deviation * number));
            }
        }
    }
}
