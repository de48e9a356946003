using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>What a decoder reads in one pass. Shapes: B rows, T tokens, P tokens that a cache holds already.</summary>
internal sealed record DecoderBatch : IDisposable
{
    /// <summary>(B, T) int64.</summary>
    public required Tensor Ids { get; init; }

    /// <summary>(B, P + T): 1 on real tokens, 0 on padding on either side; null: no padding.</summary>
    public Tensor? Mask { get; init; }

    /// <summary>(B, T) int64; null: counted from P on from the left edge, padding included, as transformers does.</summary>
    public Tensor? Positions { get; init; }

    /// <summary>(B, T) int64: which of several texts in one row a token is of; tokens see their own text alone. Not with a cache.</summary>
    public Tensor? Documents { get; init; }

    public long Rows => Ids.shape[0];

    public long Length => Ids.shape[1];

    /// <summary>(B, T): how many real tokens stand before each, and 0 on padding: then padding moves nothing.</summary>
    public static Tensor PositionsOf(Tensor mask)
    {
        using var scope = NewDisposeScope();
        return (mask.to(ScalarType.Int64).cumsum(1) - 1).clamp(min: 0).masked_fill(mask.eq(0), 0).MoveToOuterDisposeScope();
    }

    public DecoderBatch On(Device device) =>
        device.type == TorchSharp.DeviceType.CPU ? this
        : new() { Ids = Ids.to(device), Mask = Mask?.to(device), Positions = Positions?.to(device), Documents = Documents?.to(device) };

    public void Dispose()
    {
        Ids.Dispose();
        Mask?.Dispose();
        Positions?.Dispose();
        Documents?.Dispose();
    }
}
