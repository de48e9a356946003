using ExperimentHub.Engine.Tokenizers.Models;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// Byte-pair encoding as google/sentencepiece does it (bpe_model.cc): two neighbours are joined if what they spell is a piece, whether
/// they are pieces themselves or not; the piece of the best score first, of equals the leftmost. User-defined symbols are never joined,
/// and a piece that is out of use falls apart again into those it was made of.
/// </summary>
internal sealed class BpeSegmenter : PieceSegmenter
{
    private readonly IReadOnlyList<SentencePiece> _pieces;
    private readonly UserSymbols? _symbols;
    private readonly PieceIds _ids;
    private readonly int _longest;
    private readonly int[] _ranks;      // of the score of each piece; pieces of one score have one rank

    internal BpeSegmenter(SentencePieceModel model, UserSymbols? symbols)
    {
        (_pieces, _symbols, _ids) = (model.Pieces, symbols, new PieceIds(model));
        _longest = model.Pieces.Max(p => p.Text.Length);
        var ranks = new Dictionary<float, int>();
        foreach (var score in model.Pieces.Select(p => p.Score).OrderDescending())
        {
            ranks.TryAdd(score, ranks.Count);
        }

        _ranks = [.. model.Pieces.Select(p => ranks[p.Score])];
    }

    internal override List<Segment> Segment(string text)
    {
        var word = Split(text);
        var splits = Merge(word);
        var segments = new List<Segment>();
        for (var at = 0; at < word.Count && at >= 0; at = word.Next[at])
        {
            AddParts(text, word.Starts[at], word.Starts[at] + word.Lengths[at], splits, segments);
        }

        return segments;
    }

    private Symbols Split(string text)
    {
        var word = new Symbols(text);
        for (var at = 0; at < text.Length;)
        {
            var symbol = _symbols?.LongestLength(text.AsSpan(at)) ?? 0;
            var length = symbol > 0 ? symbol : CharacterLength(text, at);
            word.Add(at, length, frozen: symbol > 0);
            at += length;
        }

        return word;
    }

    /// <returns>For pieces out of use the length of the left part, as the last pair that could have become it had it.</returns>
    private Dictionary<int, int> Merge(Symbols word)
    {
        var splits = new Dictionary<int, int>();
        var heap = new MergeHeap(word.Count);
        for (var at = 0; at + 1 < word.Count; at++)
        {
            Push(at);
        }

        while (heap.TryPop(out var rank, out var at))
        {
            // An entry is out of date if its pair has changed. A new pair of the same rank has an entry of its own, which would come next.
            if (Joined(word, at) is var id and >= 0 && _ranks[id] == rank)
            {
                word.Join(at);
                Push(word.Previous[at]);
                Push(at);
            }
        }

        return splits;

        void Push(int at)
        {
            if (Joined(word, at) is var id and >= 0)
            {
                heap.Push(_ranks[id], at);
                if (_pieces[id].Type == SentencePieceType.Unused)
                {
                    splits[id] = word.Lengths[at];
                }
            }
        }
    }

    /// <summary>The piece that a symbol and the one after it spell; -1 if they spell none or must not be joined.</summary>
    private int Joined(Symbols word, int at)
    {
        if (at < 0 || word.Lengths[at] == 0 || word.Next[at] < 0 || word.Frozen[at] || word.Frozen[word.Next[at]])
        {
            return -1;
        }

        var length = word.Lengths[at] + word.Lengths[word.Next[at]];
        return length <= _longest && _ids.Of(word.Text.AsSpan(word.Starts[at], length)) is var id && IsText(_pieces[id].Type) ? id : -1;
    }

    private void AddParts(string text, int start, int end, Dictionary<int, int> splits, List<Segment> segments)
    {
        var parts = new Stack<(int Start, int End)>([(start, end)]);
        while (parts.TryPop(out var part))
        {
            var id = _ids.Of(text.AsSpan(part.Start, part.End - part.Start));
            if (splits.TryGetValue(id, out var left))
            {
                parts.Push((part.Start + left, part.End));
                parts.Push((part.Start, part.Start + left));
            }
            else
            {
                segments.Add(new(part.Start, part.End, id));
            }
        }
    }

    /// <summary>The symbols of a text as a linked list; one that was joined to the one before it has length 0.</summary>
    private sealed class Symbols(string text)
    {
        internal string Text { get; } = text;

        internal List<int> Starts { get; } = [];

        internal List<int> Lengths { get; } = [];

        internal List<bool> Frozen { get; } = [];

        internal List<int> Previous { get; } = [];

        internal List<int> Next { get; } = [];

        internal int Count => Starts.Count;

        internal void Add(int start, int length, bool frozen)
        {
            if (Count > 0)
            {
                Next[^1] = Count;
            }

            Previous.Add(Count - 1);
            Starts.Add(start);
            Lengths.Add(length);
            Frozen.Add(frozen);
            Next.Add(-1);
        }

        internal void Join(int at)
        {
            var right = Next[at];
            Lengths[at] += Lengths[right];
            Lengths[right] = 0;
            Next[at] = Next[right];
            if (Next[at] >= 0)
            {
                Previous[Next[at]] = at;
            }
        }
    }
}
