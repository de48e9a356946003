using System.Numerics;

namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>
/// A word as symbols that are joined pair by pair: the earliest merge first, the leftmost of equals (Sennrich et al. 2016). Short words
/// are searched through, many ranks at a time; long ones keep the possible merges in a heap, so that a word of a million letters takes n log n.
/// </summary>
internal sealed class BpeWord
{
    private const int LongestSearched = 256;
    private const int Removed = -1;
    private const int NoMerge = int.MaxValue;

    private readonly int[] _ranks = new int[LongestSearched];
    private readonly int[] _merged = new int[LongestSearched];
    private int[] _ids = new int[LongestSearched];
    private int[] _lengths = new int[LongestSearched];
    private int[] _previous = new int[LongestSearched];
    private int[] _next = new int[LongestSearched];

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

        if (_next.Length < Count)
        {
            (_next, _previous) = (new int[_ids.Length], new int[_ids.Length]);
        }

        for (var i = 0; i < Count; i++)
        {
            (_previous[i], _next[i]) = (i - 1, i + 1);
        }

        if (Count <= LongestSearched)
        {
            MergeBySearch(merges);
        }
        else
        {
            MergeByHeap(merges);
        }

        Compact();
    }

    private void MergeBySearch(MergeRanks merges)
    {
        var count = Count;
        for (var i = 0; i + 1 < count; i++)
        {
            _ranks[i] = merges.Rank(_ids[i], _ids[i + 1], out _merged[i]);
        }

        _ranks[count - 1] = NoMerge;
        var ranks = _ranks.AsSpan(0, count);
        for (var least = Least(ranks); least != NoMerge; least = Least(ranks))
        {
            var at = ranks.IndexOf(least);
            var next = Join(at, _merged[at]);
            ranks[next] = NoMerge;
            ranks[at] = _next[at] < count ? merges.Rank(_ids[at], _ids[_next[at]], out _merged[at]) : NoMerge;
            if (_previous[at] is var before and >= 0)
            {
                ranks[before] = merges.Rank(_ids[before], _ids[at], out _merged[before]);
            }
        }
    }

    private static int Least(ReadOnlySpan<int> ranks)
    {
        var least = NoMerge;
        var i = 0;
        if (ranks.Length >= Vector<int>.Count)
        {
            var lanes = new Vector<int>(ranks);
            for (i = Vector<int>.Count; i <= ranks.Length - Vector<int>.Count; i += Vector<int>.Count)
            {
                lanes = Vector.Min(lanes, new Vector<int>(ranks[i..]));
            }

            for (var lane = 0; lane < Vector<int>.Count; lane++)
            {
                least = Math.Min(least, lanes[lane]);
            }
        }

        for (; i < ranks.Length; i++)
        {
            least = Math.Min(least, ranks[i]);
        }

        return least;
    }

    private void MergeByHeap(MergeRanks merges)
    {
        var count = Count;
        var heap = new MergeHeap(count);
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

            Join(at, id);
            Push(at);
            if (_previous[at] >= 0)
            {
                Push(_previous[at]);
            }
        }

        void Push(int at)
        {
            if (_next[at] < count && merges.Rank(_ids[at], _ids[_next[at]], out _) is var found and < NoMerge)
            {
                heap.Push(found, at);
            }
        }
    }

    /// <summary>Joins a symbol with the one after it, whose place is returned.</summary>
    private int Join(int at, int id)
    {
        var right = _next[at];
        _ids[at] = id;
        _lengths[at] += _lengths[right];
        _ids[right] = Removed;
        _next[at] = _next[right];
        if (_next[at] < Count)
        {
            _previous[_next[at]] = at;
        }

        return right;
    }

    private void Compact()
    {
        var (count, write) = (Count, 0);
        for (var i = 0; i < count; i = _next[i])
        {
            (_ids[write], _lengths[write]) = (_ids[i], _lengths[i]);
            write++;   // never past what is still to be read
        }

        Count = write;
    }
}
