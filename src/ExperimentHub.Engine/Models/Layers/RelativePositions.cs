using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>
/// T5's positions (Raffel et al. 2020): a learned number per head for each bucket of distances, added to the scores. Near distances have buckets of
/// their own, far ones share them logarithmically.
/// </summary>
internal sealed class RelativePositions(Place place, int buckets, int maxDistance, int heads, bool bidirectional)
{
    private readonly Weight _table = place.Add("weight", [buckets, heads], "relative_attention_num_buckets");

    /// <summary>(1, H, Tq, Tk) for queries from place <paramref name="first"/> on and keys from the beginning.</summary>
    public Tensor Bias(long queries, long keys, long first = 0)
    {
        using var scope = NewDisposeScope();
        var device = _table.Value.device;
        var least = -(first + queries - 1);
        var distances = Enumerable.Range(0, (int)(keys - least)).Select(i => Bucket(i + least, bidirectional, buckets, maxDistance)).ToArray();
        var byDistance = _table.Value.index_select(0, tensor(distances, device: device));                       // (distances, H)
        var places = arange(keys, device: device) - arange(first, first + queries, device: device).unsqueeze(1) - least;
        return byDistance.index_select(0, places.flatten()).view(queries, keys, heads).permute(2, 0, 1).unsqueeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>The bucket of <paramref name="distance"/> = key − query. Computed in 32 bits, as the reference does: the borders depend on it.</summary>
    public static long Bucket(long distance, bool bidirectional, int buckets, int maxDistance)
    {
        var side = 0L;
        if (bidirectional)
        {
            buckets /= 2;
            side = distance > 0 ? buckets : 0;
            distance = Math.Abs(distance);
        }
        else
        {
            distance = Math.Max(-distance, 0);
        }

        var exact = buckets / 2;
        if (distance < exact)
        {
            return side + distance;
        }

        var share = MathF.Log((float)distance / exact) / (float)Math.Log((double)maxDistance / exact);
        return side + Math.Min(exact + (long)(share * (buckets - exact)), buckets - 1);
    }
}
