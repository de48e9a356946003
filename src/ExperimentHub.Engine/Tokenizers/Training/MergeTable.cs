using System.Runtime.InteropServices;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>
/// Words in pieces, how often each pair of neighbours occurs, and in which words; joins one pair after another as the tokenizers library
/// does, of equally frequent pairs the one with the smaller ids.
/// </summary>
/// <param name="prefix">Written before every piece of a word but the first.</param>
/// <param name="longest">Joined tokens have fewer characters than this.</param>
internal sealed class MergeTable(string prefix, int longest = int.MaxValue)
{
    private readonly List<string> _tokens = [];
    private readonly List<int> _lengths = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<List<int>> _words = [];
    private readonly List<int> _wordCounts = [];
    private readonly Dictionary<(int Left, int Right), long> _pairCounts = [];
    private readonly PriorityQueue<Candidate, (long Count, int Left, int Right)> _queue = new();

    /// <summary>Words in which a pair came about since the queue was filled last.</summary>
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _newWords = [];

    internal int Count => _tokens.Count;

    internal IReadOnlyList<string> Tokens => _tokens;

    /// <summary>The pairs joined so far, in order.</summary>
    internal List<(int Left, int Right)> Merges { get; } = [];

    internal void AddToken(string token) => IdOf(token, 1);

    /// <summary>The characters of all words as tokens, in the order of their code points; of too many the rarest are dropped.</summary>
    /// <param name="always">Characters that are kept whether they occur or not.</param>
    internal void AddAlphabet(IEnumerable<KeyValuePair<string, int>> words, int most, IEnumerable<Rune> always)
    {
        var counts = new Dictionary<Rune, long>();
        foreach (var (word, count) in words)
        {
            foreach (var rune in word.EnumerateRunes())
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, rune, out _) += count;
            }
        }

        foreach (var rune in always)
        {
            counts[rune] = long.MaxValue;
        }

        foreach (var rune in counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key).Take(most).Select(c => c.Key).Order())
        {
            AddToken(rune.ToString());
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
                pieces.Add(IdOf(pieces.Count == 0 ? text : prefix + text, 1));
            }
        }

        _words.Add(pieces);
        _wordCounts.Add(count);
        for (var i = 1; i < pieces.Count; i++)
        {
            Change((pieces[i - 1], pieces[i]), count, _words.Count - 1);
        }
    }

    /// <summary>Joins the most frequent pair everywhere; false when none is left that occurs <paramref name="leastCount"/> times.</summary>
    internal bool MergeBest(long leastCount)
    {
        Enqueue();
        while (_queue.TryDequeue(out var best, out _))
        {
            var now = _pairCounts[best.Pair];
            if (now != best.Count)
            {
                Enqueue(best with { Count = now });   // an older count: it waits for its turn with the present one
                continue;
            }

            if (now < 1 || now < leastCount)
            {
                return false;
            }

            Merge(best);
            return true;
        }

        return false;
    }

    private void Merge(Candidate best)
    {
        var pair = best.Pair;
        var right = _tokens[pair.Right];
        var joined = IdOf(
            _tokens[pair.Left] + (right.StartsWith(prefix, StringComparison.Ordinal) ? right[prefix.Length..] : right), _lengths[pair.Left] + _lengths[pair.Right]);
        Merges.Add(pair);
        foreach (var word in best.Words)
        {
            MergeIn(word, pair, joined);
        }
    }

    private void MergeIn(int word, (int Left, int Right) pair, int joined)
    {
        var pieces = _words[word];
        var count = _wordCounts[word];
        for (var i = 0; i + 1 < pieces.Count; i++)
        {
            if ((pieces[i], pieces[i + 1]) != pair)
            {
                continue;
            }

            pieces[i] = joined;
            pieces.RemoveAt(i + 1);
            if (i > 0)
            {
                Change((pieces[i - 1], pair.Left), -count, word);
                ChangeNew((pieces[i - 1], joined), count, word);
            }

            if (i + 1 < pieces.Count)
            {
                Change((pair.Right, pieces[i + 1]), -count, word);
                ChangeNew((joined, pieces[i + 1]), count, word);
            }
        }
    }

    private void ChangeNew((int Left, int Right) pair, long by, int word)
    {
        if ((long)_lengths[pair.Left] + _lengths[pair.Right] < longest)
        {
            Change(pair, by, word);
        }
    }

    private void Change((int Left, int Right) pair, long by, int word)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_pairCounts, pair, out _) += by;
        if (by > 0)
        {
            ref var words = ref CollectionsMarshal.GetValueRefOrAddDefault(_newWords, pair, out _);
            (words ??= []).Add(word);
        }
    }

    private void Enqueue()
    {
        foreach (var (pair, words) in _newWords)
        {
            if (_pairCounts[pair] is var count and > 0)
            {
                Enqueue(new(pair, count, words));
            }
        }

        _newWords.Clear();
    }

    private void Enqueue(Candidate candidate) => _queue.Enqueue(candidate, (-candidate.Count, candidate.Pair.Left, candidate.Pair.Right));

    private int IdOf(string token, int length)
    {
        if (!_ids.TryGetValue(token, out var id))
        {
            id = _tokens.Count;
            _ids[token] = id;
            _tokens.Add(token);
            _lengths.Add(length);
        }

        return id;
    }

    /// <summary>A pair that may be joined next, how often it occurred when it was put here, and the words it came about in.</summary>
    private sealed record Candidate((int Left, int Right) Pair, long Count, HashSet<int> Words);
}
