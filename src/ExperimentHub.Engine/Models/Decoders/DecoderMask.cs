using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>What the tokens of a pass see: themselves and what is before them, in the cache too.</summary>
internal static class DecoderMask
{
    /// <param name="batch">T tokens; padding and documents count.</param>
    /// <param name="past">P tokens that are in the cache.</param>
    /// <param name="window">Each token sees so many, itself included, by their places in the row; null sees all.</param>
    /// <param name="precision">Of the scores.</param>
    public static AttentionMask Build(DecoderBatch batch, long past, int? window, ScalarType precision)
    {
        var length = past + batch.Length;
        var narrows = window < length;
        if (batch.Mask is null && batch.Documents is null && !narrows && (past == 0 || batch.Length == 1))
        {
            return past == 0 ? new AttentionMask(null, IsCausal: true) : AttentionMask.None;
        }

        using var scope = NewDisposeScope();
        var queries = arange(past, length, device: batch.Ids.device).unsqueeze(1);      // (T, 1)
        var keys = arange(0, length, device: batch.Ids.device).unsqueeze(0);            // (1, P + T)
        var allowed = keys.le(queries);
        if (narrows)
        {
            allowed = allowed & keys.gt(queries - window!.Value);
        }

        allowed = allowed.view(1, 1, batch.Length, length);
        if (batch.Mask is { } mask)
        {
            allowed = allowed & mask.to(ScalarType.Bool).view(batch.Rows, 1, 1, length);
        }

        if (batch.Documents is { } documents)
        {
            allowed = allowed & documents.unsqueeze(2).eq(documents.unsqueeze(1)).unsqueeze(1);
        }

        var built = AttentionMask.Of(allowed, precision);
        built.Additive!.MoveToOuterDisposeScope();
        return built;
    }
}
