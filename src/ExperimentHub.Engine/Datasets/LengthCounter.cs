namespace ExperimentHub.Engine.Datasets;

/// <summary>Counts lengths into the bins of a <see cref="LengthHistogram"/>.</summary>
internal sealed class LengthCounter
{
    private static readonly int[] s_bounds = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096];

    private readonly long[] _counts = new long[s_bounds.Length + 1];
    private long _total;
    private long _texts;
    private int _longest;

    internal void Add(int length)
    {
        var bin = Array.FindIndex(s_bounds, bound => length < bound);
        _counts[bin < 0 ? s_bounds.Length : bin]++;
        _total += length;
        _texts++;
        _longest = Math.Max(_longest, length);
    }

    internal LengthHistogram ToHistogram() => new()
    {
        Bounds = s_bounds,
        Counts = [.. _counts],
        Mean = _texts == 0 ? 0 : Math.Round(_total / (double)_texts, 1),
        Longest = _longest,
    };
}
