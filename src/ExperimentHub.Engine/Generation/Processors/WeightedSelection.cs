namespace ExperimentHub.Engine.Generation.Processors;

/// <summary>
/// Where a running sum over sorted items reaches a bound, without sorting them: quickselect (Hoare 1961) over weights, which takes a few
/// passes over a vocabulary where a sort takes seventeen.
/// </summary>
internal static class WeightedSelection
{
    /// <summary>
    /// The smallest key k such that the weights of all keys up to k come to <paramref name="bound"/>; the largest key if they never do.
    /// Both spans are left in another order.
    /// </summary>
    public static float Find(Span<float> keys, Span<float> weights, double bound)
    {
        var (begin, end) = (0, keys.Length);
        while (true)
        {
            var pivot = Median(keys[begin], keys[begin + ((end - begin) / 2)], keys[end - 1]);
            var (below, equal) = Partition(keys[begin..end], weights[begin..end], pivot);
            var lighter = Sum(weights[begin..(begin + below)]);
            var upTo = lighter + Sum(weights[(begin + below)..(begin + below + equal)]);
            if (below > 0 && lighter >= bound)
            {
                end = begin + below;
            }
            else if (upTo >= bound || begin + below + equal == end)
            {
                return pivot;
            }
            else
            {
                bound -= upTo;
                begin += below + equal;
            }
        }
    }

    private static float Median(float a, float b, float c) => MathF.Max(MathF.Min(a, b), MathF.Min(MathF.Max(a, b), c));

    /// <summary>Smaller keys first, then equal ones, then larger ones.</summary>
    private static (int Below, int Equal) Partition(Span<float> keys, Span<float> weights, float pivot)
    {
        var (low, high) = (0, keys.Length);
        for (var i = 0; i < high;)
        {
            var key = keys[i];
            var other = key < pivot ? low++ : key > pivot ? --high : i;
            (keys[i], keys[other]) = (keys[other], keys[i]);
            (weights[i], weights[other]) = (weights[other], weights[i]);
            i += key > pivot ? 0 : 1;
        }

        return (low, high - low);
    }

    private static double Sum(ReadOnlySpan<float> weights)
    {
        var sum = 0.0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        return sum;
    }
}
