using ExperimentHub.Engine.Models.Decoders;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.SequenceToSequence;

/// <summary>What a decoder with a source remembers between two passes: keys and values of the target's tokens, and those of the source, which are computed once.</summary>
/// <param name="layers">Of the decoder.</param>
/// <param name="prefix">Learned keys and values before the target, through which gradients go: then nothing else is remembered.</param>
internal sealed class TargetCache(int layers, Prefix? prefix = null) : IDisposable
{
    private readonly KeyValueCache _target = new(layers);
    private readonly (Tensor Keys, Tensor Values)?[] _source = new (Tensor, Tensor)?[layers];

    public PastTokens Target => prefix is null ? _target : prefix;

    /// <summary>Target tokens that were read, or that stand before those of a pass.</summary>
    public long Length => Target.Length;

    /// <summary>Keys and values (B, H, S, D) of the source for a layer.</summary>
    public (Tensor Keys, Tensor Values) Source(int layer, Func<(Tensor Keys, Tensor Values)> compute)
    {
        if (prefix is not null)
        {
            return compute();
        }

        if (_source[layer] is null)
        {
            var (keys, values) = compute();
            _source[layer] = (keys.contiguous().DetachFromDisposeScope(), values.contiguous().DetachFromDisposeScope());
        }

        return _source[layer]!.Value;
    }

    /// <summary>Forgets the last tokens of the target.</summary>
    public void Rewind(long tokens) => _target.Rewind(tokens);

    /// <summary>Goes on with these rows (R) int64, in this order.</summary>
    public void Select(Tensor rows)
    {
        _target.Select(rows);
        for (var layer = 0; layer < _source.Length; layer++)
        {
            if (_source[layer] is var (keys, values))
            {
                _source[layer] = (keys.index_select(0, rows).DetachFromDisposeScope(), values.index_select(0, rows).DetachFromDisposeScope());
                keys.Dispose();
                values.Dispose();
            }
        }
    }

    public void Dispose()
    {
        _target.Dispose();
        foreach (var pair in _source)
        {
            pair?.Keys.Dispose();
            pair?.Values.Dispose();
        }
    }
}
