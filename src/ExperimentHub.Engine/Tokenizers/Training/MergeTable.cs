using System.Runtime.InteropServices;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>Words in pieces, how often each pair of neighbours occurs, and in which words; joins one pair after another.</summary>
internal sealed class MergeTable
{
    private readonly string _prefix;
    private readonly List<string> _tokens;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<List<int>> _words = [];
    private readonly List<int> _wordCounts = [];
    private readonly Dictionary<(int Left, int Right), long> _pairCounts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _pairWords = [];
    private readonly PriorityQueue<((int Left, int Right) Pair, long Count), (long Count, int Left, int Right)> _queue = new();

    internal MergeTable(IEnumerable<string> special, string prefix)
    {
        _prefix = prefix;
        _tokens = [.. special];
        for (var i = 0; i < _tokens.Count; i++)
        {
            _ids[_tokens[i]] = i;
        }
    }

    internal int Count => _tokens.Count;

    internal IReadOnlyList<string> Tokens => _tokens;

    /// <summary>The characters of all words as tokens, in the order of their code points; of too many the rarest are dropped.</summary>
    internal void AddAlphabet(IEnumerable<KeyValuePair<string, int>> words, int most)
    {
        var counts = new Dictionary<Rune, long>();
        foreach (var (word, count) in words)
        {
            foreach (var rune in word.EnumerateRunes())
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, rune, out _) += count;
            }
        }

        foreach (var rune in counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key).Take(most).Select(c => c.Key).Order())
        {
            IdOf(rune.ToString());
        }
    }

    internal void AddWord(string word, int count)
    {
        var pieces = new List<int>();
        foreach (var rune in word.EnumerateRunes())
        {
            var text = rune.ToString();
            if (_ids.ContainsKey(text))
            {
                pieces.Add(IdOf(pieces.Count == 0 ? text : _prefix + text));
            }
        }

        _words.Add(pieces);
        _wordCounts.Add(count);
        for (var i = 1; i < pieces.Count; i++)
        {
            Change((pieces[i - 1], pieces[i]), count, _words.Count - 1);
        }
    }

    /// <summary>Joins the most frequent pair everywhere; false when no pair is left.</summary>
    internal bool MergeBest()
    {
        if (_queue.Count == 0)
        {
            Enqueue(_pairCounts.Keys);
        }

        while (_queue.TryDequeue(out var best, out _))
        {
            var now = _pairCounts.GetValueOrDefault(best.Pair);
            if (now != best.Count || now <= 0)
            {
                continue;   // an older count of this pair; its present one is in the queue as well
            }

            Merge(best.Pair);
            return true;
        }

        return false;
    }

    private void Merge((int Left, int Right) pair)
    {
        var right = _tokens[pair.Right];
        var joined = IdOf(_tokens[pair.Left] + (right.StartsWith(_prefix, StringComparison.Ordinal) ? right[_prefix.Length..] : right));
        var changed = new HashSet<(int, int)>();
        foreach (var word in _pairWords[pair])
        {
            MergeIn(word, pair, joined, changed);
        }

        _pairCounts.Remove(pair);
        _pairWords.Remove(pair);
        changed.Remove(pair);
        Enqueue(changed);
    }

    private void MergeIn(int word, (int Left, int Right) pair, int joined, HashSet<(int, int)> changed)
    {
        var pieces = _words[word];
        var count = _wordCounts[word];
        for (var i = 0; i + 1 < pieces.Count; i++)
        {
            if ((pieces[i], pieces[i + 1]) != pair)
            {
                continue;
            }

            if (i > 0)
            {
                Change((pieces[i - 1], pair.Left), -count, word);
                Change((pieces[i - 1], joined), count, word);
                changed.Add((pieces[i - 1], pair.Left));
                changed.Add((pieces[i - 1], joined));
            }

            if (i + 2 < pieces.Count)
            {
                Change((pair.Right, pieces[i + 2]), -count, word);
                Change((joined, pieces[i + 2]), count, word);
                changed.Add((pair.Right, pieces[i + 2]));
                changed.Add((joined, pieces[i + 2]));
            }

            pieces[i] = joined;
            pieces.RemoveAt(i + 1);
        }
    }

    private void Change((int Left, int Right) pair, long by, int word)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_pairCounts, pair, out _) += by;
        if (by > 0)
        {
            if (!_pairWords.TryGetValue(pair, out var words))
            {
                _pairWords[pair] = words = [];
            }

            words.Add(word);
        }
    }

    private void Enqueue(IEnumerable<(int Left, int Right)> pairs)
    {
        foreach (var pair in pairs)
        {
            if (_pairCounts.GetValueOrDefault(pair) is var count and > 0)
            {
                _queue.Enqueue((pair, count), (-count, pair.Left, pair.Right));
            }
        }
    }

    private int IdOf(string token)
    {
        if (!_ids.TryGetValue(token, out var id))
        {
            id = _tokens.Count;
            _ids[token] = id;
            _tokens.Add(token);
        }

        return id;
    }
}
