namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>
/// A word as symbols that are joined pair by pair: the earliest merge first, the leftmost of equals (Sennrich et al. 2016). Short words
/// are searched through; long ones keep the possible merges in a heap, so that a word of a million letters takes n log n.
/// </summary>
internal sealed class BpeWord
{
    private const int LongestSearched = 100;
    private const int Removed = -1;

    private int[] _ids = new int[128];
    private int[] _lengths = new int[128];
    private readonly int[] _ranks = new int[128];
    private readonly int[] _merged = new int[128];
    private int[] _previous = [];
    private int[] _next = [];

    internal int Count { get; private set; }

    internal ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Bytes of UTF-8 that each symbol covers.</summary>
    internal ReadOnlySpan<int> Lengths => _lengths.AsSpan(0, Count);

    internal bool IsSmall => _ids.Length <= 1 << 16;

    internal void Clear() => Count = 0;

    internal void Add(int id, int length)
    {
        if (Count == _ids.Length)
        {
            Array.Resize(ref _ids, 2 * Count);
            Array.Resize(ref _lengths, 2 * Count);
        }

        _ids[Count] = id;
        _lengths[Count++] = length;
    }

    internal void Merge(MergeRanks merges)
    {
        if (Count <= 1)
        {
            return;
        }

        if (Count <= LongestSearched)
        {
            MergeBySearch(merges);
        }
        else
        {
            MergeByHeap(merges);
        }
    }

    private void MergeBySearch(MergeRanks merges)
    {
        for (var i = 0; i + 1 < Count; i++)
        {
            _ranks[i] = merges.Rank(_ids[i], _ids[i + 1], out _merged[i]);
        }

        while (Count > 1)
        {
            var best = 0;
            for (var i = 1; i + 1 < Count; i++)
            {
                best = _ranks[i] < _ranks[best] ? i : best;
            }

            if (_ranks[best] == int.MaxValue)
            {
                return;
            }

            _ids[best] = _merged[best];
            _lengths[best] += _lengths[best + 1];
            var moved = Count - best - 2;
            Array.Copy(_ids, best + 2, _ids, best + 1, moved);
            Array.Copy(_lengths, best + 2, _lengths, best + 1, moved);
            Array.Copy(_ranks, best + 1, _ranks, best, moved);
            Array.Copy(_merged, best + 1, _merged, best, moved);
            Count--;
            if (best > 0)
            {
                _ranks[best - 1] = merges.Rank(_ids[best - 1], _ids[best], out _merged[best - 1]);
            }

            if (best + 1 < Count)
            {
                _ranks[best] = merges.Rank(_ids[best], _ids[best + 1], out _merged[best]);
            }
        }
    }

    private void MergeByHeap(MergeRanks merges)
    {
        var count = Count;
        if (_next.Length < count)
        {
            (_next, _previous) = (new int[_ids.Length], new int[_ids.Length]);
        }

        var heap = new MergeHeap(count);
        for (var i = 0; i < count; i++)
        {
            (_previous[i], _next[i]) = (i - 1, i + 1);
        }

        for (var i = 0; i < count; i++)
        {
            Push(i);
        }

        while (heap.TryPop(out var rank, out var at))
        {
            // An entry is out of date if its pair has changed: ranks are each of one pair.
            var right = _next[at];
            if (_ids[at] == Removed || right >= count || merges.Rank(_ids[at], _ids[right], out var id) != rank)
            {
                continue;
            }

            _ids[at] = id;
            _lengths[at] += _lengths[right];
            _ids[right] = Removed;
            _next[at] = _next[right];
            if (_next[at] < count)
            {
                _previous[_next[at]] = at;
            }

            Push(at);
            if (_previous[at] >= 0)
            {
                Push(_previous[at]);
            }
        }

        var write = 0;
        for (var i = 0; i < count; i = _next[i])
        {
            (_ids[write], _lengths[write]) = (_ids[i], _lengths[i]);
            write++;   // never past what is still to be read
        }

        Count = write;

        void Push(int at)
        {
            if (_next[at] < count && merges.Rank(_ids[at], _ids[_next[at]], out _) is var found and < int.MaxValue)
            {
                heap.Push(found, at);
            }
        }
    }
}
