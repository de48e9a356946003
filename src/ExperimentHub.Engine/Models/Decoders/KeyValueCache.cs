using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>
/// Keys and values of the tokens that were read, for each layer in one piece of memory with room to spare: a step writes its own and
/// copies nothing. When the room is used up it doubles.
/// </summary>
/// <remarks>B rows, K heads of keys and values, D head size.</remarks>
internal sealed class KeyValueCache(int layers) : PastTokens, IDisposable
{
    private const long FirstRoom = 64;

    private readonly Tensor?[] _keys = new Tensor?[layers];      // (B, K, room, D)
    private readonly Tensor?[] _values = new Tensor?[layers];
    private long _length;

    /// <summary>Tokens of each row that all layers have; a layer that is in the middle of a step has more.</summary>
    public override long Length => _length;

    /// <summary>Adds keys and values (B, K, T, D) of a layer.</summary>
    /// <returns>Those of all tokens (B, K, Length + T, D), as views.</returns>
    public override (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        var added = keys.shape[2];
        var (allKeys, allValues) = Room(layer, keys.shape[0], keys.shape[1], keys.shape[3], values.shape[3], added, keys.dtype, keys.device);
        using (no_grad())
        {
            allKeys.narrow(2, Length, added).copy_(keys);
            allValues.narrow(2, Length, added).copy_(values);
        }

        return (allKeys.narrow(2, 0, Length + added).MoveToOuterDisposeScope(), allValues.narrow(2, 0, Length + added).MoveToOuterDisposeScope());
    }

    /// <summary>The memory (B, K, room, D) of a layer, with room for <paramref name="added"/> tokens more after the first <see cref="Length"/>.</summary>
    public (Tensor Keys, Tensor Values) Room(int layer, long rows, long heads, long keySize, long valueSize, long added, ScalarType type, Device device)
    {
        var wanted = Length + added;
        if (_keys[layer] is not { } before || before.shape[2] < wanted)
        {
            var room = Math.Max(FirstRoom, _keys[layer] is { } old ? Math.Max(wanted, 2 * old.shape[2]) : wanted + FirstRoom);
            Move(_keys, layer, [rows, heads, room, keySize], type, device);
            Move(_values, layer, [rows, heads, room, valueSize], type, device);
        }

        return (_keys[layer]!, _values[layer]!);
    }

    public override void Advance(long tokens) => _length += tokens;

    /// <summary>Forgets the last tokens; their memory is written over.</summary>
    public void Rewind(long tokens) => _length -= tokens;

    /// <summary>Goes on with these rows (R) int64, in this order.</summary>
    public void Select(Tensor rows)
    {
        using var noGrad = no_grad();
        foreach (var memory in new[] { _keys, _values })
        {
            for (var layer = 0; layer < memory.Length; layer++)
            {
                if (memory[layer] is { } before)
                {
                    using var used = before.narrow(2, 0, Length);
                    using var picked = used.index_select(0, rows);
                    Fill(memory, layer, picked, [rows.shape[0], .. before.shape[1..]], before);
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
        {
            tensor?.Dispose();
        }
    }

    private void Move(Tensor?[] memory, int layer, long[] shape, ScalarType type, Device device)
    {
        var before = memory[layer];
        using var used = before?.narrow(2, 0, Length);
        memory[layer] = empty(shape, type, device).DetachFromDisposeScope();
        if (used is not null)
        {
            using var target = memory[layer]!.narrow(2, 0, Length);
            target.copy_(used);
        }

        before?.Dispose();
    }

    private void Fill(Tensor?[] memory, int layer, Tensor used, long[] shape, Tensor before)
    {
        // The same memory where the number of rows stays, as in each step of a beam search.
        var target = shape[0] == before.shape[0] ? before : empty(shape, before.dtype, before.device).DetachFromDisposeScope();
        using (var room = target.narrow(2, 0, Length))
        {
            room.copy_(used);
        }

        if (!ReferenceEquals(target, before))
        {
            before.Dispose();
        }

        memory[layer] = target;
    }
}
