namespace ExperimentHub.Engine.Training;

/// <summary>Which rows share a batch, and in which order the batches come: a function of seed and epoch alone, so a resumed run finds its place.</summary>
public static class BatchPlan
{
    /// <summary>Rows are sorted by length within groups of this many batches (as in Hugging Face's length-grouped sampler).</summary>
    private const int GroupedBatches = 50;

    /// <summary>Row numbers, batch by batch; <paramref name="lengths"/> are the tokens of each row.</summary>
    public static int[][] Epoch(IReadOnlyList<int> lengths, int batchSize, bool groupByLength, long seed, int epoch)
    {
        var random = new SeededRandom(((ulong)seed * 0x1_0000_0001) ^ ((ulong)epoch << 40));
        var order = Enumerable.Range(0, lengths.Count).ToArray();
        random.Shuffle<int>(order);
        if (groupByLength)
        {
            var group = batchSize * GroupedBatches;
            for (var begin = 0; begin < order.Length; begin += group)
            {
                var part = order.AsSpan(begin, Math.Min(group, order.Length - begin));
                part.Sort((a, b) => lengths[a] != lengths[b] ? lengths[b].CompareTo(lengths[a]) : a.CompareTo(b));
            }
        }

        var batches = order.Chunk(batchSize).ToArray();
        if (groupByLength)
        {
            random.Shuffle<int[]>(batches);
        }

        return batches;
    }

    /// <summary>Batches of similar length for evaluation, in a fixed order, the longest first (so that too little memory shows at once).</summary>
    public static int[][] ForEvaluation(IReadOnlyList<int> lengths, int batchSize) =>
        [.. Enumerable.Range(0, lengths.Count).OrderByDescending(r => lengths[r]).ThenBy(r => r).Chunk(batchSize)];

    /// <summary>The rows that train when only <paramref name="count"/> may: chosen by the seed, in their own order.</summary>
    public static int[] Choose(int rows, int count, long seed)
    {
        var order = Enumerable.Range(0, rows).ToArray();
        if (count <= 0 || count >= rows)
        {
            return order;
        }

        new SeededRandom((ulong)seed).Shuffle<int>(order);
        var chosen = order[..count];
        Array.Sort(chosen);
        return chosen;
    }
}
