using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>
/// One parameter of a model. Several tensors of a checkpoint may lie in it one below the other (query, key and value are one matrix
/// here), so <see cref="Parts"/> says under which names its rows are saved.
/// </summary>
internal sealed class Weight : IDisposable
{
    private readonly long[] _partShape;

    public Weight(int depth, long[] partShape, params string[] parts)
    {
        Parts = parts;
        Depth = depth;
        _partShape = partShape;
        Value = empty([parts.Length * partShape[0], .. partShape[1..]], ScalarType.Float32).DetachFromDisposeScope();
    }

    /// <summary>Names in the checkpoint, all of one shape.</summary>
    public IReadOnlyList<string> Parts { get; }

    /// <summary>Where it is in the model: 0 the embeddings, 1 to L the layers, L + 1 the pooler, L + 2 the head.</summary>
    public int Depth { get; }

    /// <summary>The leaf that the forward pass reads, in the precision it computes in.</summary>
    public Tensor Value { get; private set; }

    /// <summary>Biases and normalisations are not decayed (as in Hugging Face's trainer: by name).</summary>
    public bool Decays => !Parts[0].Contains("bias", StringComparison.Ordinal) && !Parts[0].Contains("LayerNorm", StringComparison.Ordinal);

    public bool Learns
    {
        get => Value.requires_grad;
        set => Value.requires_grad_(value);
    }

    /// <summary>The rows of <paramref name="whole"/> (shaped as this weight) that are saved under each name; views, for the caller to dispose.</summary>
    public IEnumerable<(string Name, Tensor Rows)> Split(Tensor whole) =>
        Parts.Select((name, i) => (name, whole.detach().narrow(0, i * _partShape[0], _partShape[0])));

    /// <summary>Lies on another device from now on; before anything learns from it.</summary>
    public void MoveTo(Device device)
    {
        using var before = Value;
        Value = before.detach().to(device, copy: true).DetachFromDisposeScope();
    }

    /// <summary>Computes in another precision from now on; gives back the weight as it was, which is then the caller's.</summary>
    public Tensor ConvertTo(ScalarType type)
    {
        var before = Value;
        Value = before.detach().to(type, copy: true).requires_grad_(before.requires_grad).DetachFromDisposeScope();
        return before.requires_grad_(false);
    }

    public void Dispose() => Value.Dispose();
}
