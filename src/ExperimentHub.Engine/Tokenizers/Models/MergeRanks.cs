using System.Numerics;

namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>For each pair of tokens that may be joined: how early (0 is first), and into which token. One open-addressing table.</summary>
internal sealed class MergeRanks
{
    private readonly ulong[] _keys;
    private readonly (int Rank, int Id)[] _values;
    private readonly int _shift;

    internal MergeRanks(int count)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, 2 * count));
        _keys = new ulong[size];
        _values = new (int, int)[size];
        _shift = 64 - BitOperations.Log2(size);
    }

    /// <summary>A pair that was there before takes the later rank.</summary>
    internal void Add(int left, int right, int rank, int id)
    {
        var key = Key(left, right);
        var slot = Slot(key);
        while (_keys[slot] != 0 && _keys[slot] != key)
        {
            slot = (slot + 1) & (_keys.Length - 1);
        }

        _keys[slot] = key;
        _values[slot] = (rank, id);
    }

    /// <summary>The rank of a pair, <see cref="int.MaxValue"/> if it is not joined.</summary>
    internal int Rank(int left, int right, out int id)
    {
        var key = Key(left, right);
        for (var slot = Slot(key); ; slot = (slot + 1) & (_keys.Length - 1))
        {
            if (_keys[slot] == key)
            {
                (var rank, id) = _values[slot];
                return rank;
            }

            if (_keys[slot] == 0)
            {
                id = -1;
                return int.MaxValue;
            }
        }
    }

    internal IEnumerable<TokenMerge> All => _keys.Index().Where(k => k.Item != 0).Select(k => new TokenMerge(_values[k.Index].Rank, (int)(k.Item >> 32) - 1, (int)(uint)k.Item, _values[k.Index].Id));

    /// <summary>Ids are shifted by one so that no key is 0, which marks an empty slot.</summary>
    private static ulong Key(int left, int right) => ((ulong)(uint)(left + 1) << 32) | (uint)right;

    private int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> _shift);
}
