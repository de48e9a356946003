using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>A batch of token rows, padded to one length. Mask and types are null where they would say nothing (no padding, one segment).</summary>
internal sealed class PaddedBatch : IDisposable
{
    /// <summary>(B, T) int64.</summary>
    public required Tensor Ids { get; init; }

    /// <summary>(B, T) int64: 0 first segment, 1 second; null: all 0.</summary>
    public Tensor? Types { get; init; }

    /// <summary>(B, T) int64: 1 where there is a token, 0 on padding; null: no padding.</summary>
    public Tensor? Mask { get; init; }

    public long Rows => Ids.shape[0];

    public long Length => Ids.shape[1];

    public void Dispose()
    {
        Ids.Dispose();
        Types?.Dispose();
        Mask?.Dispose();
    }
}
