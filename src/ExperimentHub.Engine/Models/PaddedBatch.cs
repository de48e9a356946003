using ExperimentHub.Engine.Models.Decoders;
using TorchSharp;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>A batch of token rows, padded to one length. Mask and types are null where they would say nothing (no padding, one segment).</summary>
internal sealed class PaddedBatch : IDisposable
{
    private const long LengthMultiple = 8;

    /// <summary>(B, T) int64.</summary>
    public required Tensor Ids { get; init; }

    /// <summary>(B, T) int64: 0 first segment, 1 second; null: all 0.</summary>
    public Tensor? Types { get; init; }

    /// <summary>(B, T) int64: 1 where there is a token, 0 on padding; null: no padding.</summary>
    public Tensor? Mask { get; init; }

    /// <summary>(B, T) int64: which of ERNIE's tasks; null: the first everywhere.</summary>
    public Tensor? TaskTypes { get; init; }

    /// <summary>What every row's layers have read before its first token, which takes the place after it; only families of BERT's layers read one.</summary>
    public Prefix? Prefix { get; init; }

    public long Rows => Ids.shape[0];

    public long Length => Ids.shape[1];

    /// <summary>
    /// The batch where a model on <paramref name="device"/> reads it: itself on the processor. On a GPU its length becomes a multiple of
    /// eight, since attention there prepares each shape anew (0.15 s for one), and eight is what its kernels are made for.
    /// </summary>
    public PaddedBatch On(Device device, int padTokenId)
    {
        if (device.type == DeviceType.CPU)
        {
            return this;
        }

        var more = (LengthMultiple - (Length % LengthMultiple)) % LengthMultiple;
        var mask = Mask ?? (more > 0 ? ones_like(Ids) : null);
        return new PaddedBatch { Ids = Moved(Ids, padTokenId), Types = Optional(Types), Mask = Optional(mask), TaskTypes = Optional(TaskTypes), Prefix = Prefix };

        Tensor? Optional(Tensor? tensor) => tensor is null ? null : Moved(tensor, 0);

        Tensor Moved(Tensor tensor, long fill) => (more > 0 ? nn.functional.pad(tensor, [0, more], value: fill) : tensor).to(device);
    }

    public void Dispose()
    {
        Ids.Dispose();
        Types?.Dispose();
        Mask?.Dispose();
        TaskTypes?.Dispose();
    }
}
