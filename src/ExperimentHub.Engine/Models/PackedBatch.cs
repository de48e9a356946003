using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>Token ids of several rows one after the other, without padding. N tokens in B rows.</summary>
internal sealed class PackedBatch : IDisposable
{
    /// <summary>(N) int64</summary>
    public required Tensor Ids { get; init; }

    /// <summary>(N) int64: the place of each token in its row.</summary>
    public required Tensor Positions { get; init; }

    /// <summary>(N) int64: 0 first segment, 1 second; null: all 0.</summary>
    public Tensor? Types { get; init; }

    /// <summary>(B) int64: where each row begins.</summary>
    public required Tensor Starts { get; init; }

    /// <summary>The same numbers, and N at the end.</summary>
    public required int[] Offsets { get; init; }

    public void Dispose()
    {
        Ids.Dispose();
        Positions.Dispose();
        Types?.Dispose();
        Starts.Dispose();
    }
}
