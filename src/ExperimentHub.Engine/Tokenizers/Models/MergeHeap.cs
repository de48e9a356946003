namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>Possible merges, the earliest rank first and of equals the leftmost.</summary>
internal sealed class MergeHeap(int capacity)
{
    private ulong[] _items = new ulong[Math.Max(16, capacity)];
    private int _count;

    internal void Push(int rank, int position)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, 2 * _count);
        }

        var item = ((ulong)(uint)rank << 32) | (uint)position;
        var at = _count++;
        while (at > 0 && _items[(at - 1) / 2] > item)
        {
            _items[at] = _items[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        _items[at] = item;
    }

    internal bool TryPop(out int rank, out int position)
    {
        if (_count == 0)
        {
            (rank, position) = (0, 0);
            return false;
        }

        (rank, position) = ((int)(_items[0] >> 32), (int)(uint)_items[0]);
        var item = _items[--_count];
        var at = 0;
        while (2 * at + 1 < _count)
        {
            var child = 2 * at + 1;
            child += child + 1 < _count && _items[child + 1] < _items[child] ? 1 : 0;
            if (_items[child] >= item)
            {
                break;
            }

            _items[at] = _items[child];
            at = child;
        }

        _items[at] = item;
        return true;
    }
}
