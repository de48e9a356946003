using ExperimentHub.Engine.Tokenizers.Models;

namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>All ways to cut a word into the tokens of a model in training, whose token 0 is the unknown one.</summary>
internal sealed class UnigramLattice
{
    private const double UnknownPenalty = 10;

    private readonly WordTrie _trie = new();
    private readonly int _root;
    private readonly IReadOnlyList<(string Token, double Score)> _pieces;
    private readonly double _unknownScore;
    private readonly List<(int Start, int End, int Id, double Score)> _nodes = [];

    internal UnigramLattice(IReadOnlyList<(string Token, double Score)> pieces)
    {
        _pieces = pieces;
        _root = _trie.AddRoot();
        var least = double.PositiveInfinity;
        for (var id = 0; id < pieces.Count; id++)
        {
            _trie.Add(_root, pieces[id].Token, id);
            least = pieces[id].Score < least ? pieces[id].Score : least;   // the unknown token's score is not a number
        }

        LeastScore = least;
        _unknownScore = least - UnknownPenalty;
    }

    internal double LeastScore { get; }

    /// <summary>Adds to <paramref name="expected"/> how often each token is expected in the word, and returns the logarithm of its probability.</summary>
    internal double AddExpected(string word, double count, double[] expected)
    {
        Fill(word);
        var (before, after) = (NewScores(word), NewScores(word));
        before[0] = 0;
        after[word.Length] = 0;
        foreach (var node in _nodes)
        {
            before[node.End] = LogSum(before[node.End], node.Score + before[node.Start]);
        }

        for (var i = _nodes.Count - 1; i >= 0; i--)
        {
            var node = _nodes[i];
            after[node.Start] = LogSum(after[node.Start], node.Score + after[node.End]);
        }

        var all = before[word.Length];
        foreach (var node in _nodes)
        {
            expected[node.Id] += count * Math.Exp(before[node.Start] + node.Score + after[node.End] - all);
        }

        return all;
    }

    /// <summary>The best segmentations, two at most, the better one first.</summary>
    internal List<List<int>> Best(string word, int most)
    {
        Fill(word);
        var ways = new List<(double Score, int Node, int Rank)>[word.Length + 1];
        for (var i = 0; i <= word.Length; i++)
        {
            ways[i] = [];
        }

        ways[0].Add((0, -1, 0));
        for (var i = 0; i < _nodes.Count; i++)
        {
            var node = _nodes[i];
            for (var rank = 0; rank < ways[node.Start].Count; rank++)
            {
                Offer(ways[node.End], (ways[node.Start][rank].Score + node.Score, i, rank), most);
            }
        }

        return [.. ways[word.Length].Select((_, rank) => Trace(ways, word.Length, rank))];
    }

    private static void Offer(List<(double Score, int Node, int Rank)> ways, (double Score, int Node, int Rank) way, int most)
    {
        var at = ways.FindIndex(w => way.Score > w.Score);
        ways.Insert(at < 0 ? ways.Count : at, way);
        if (ways.Count > most)
        {
            ways.RemoveAt(most);
        }
    }

    private List<int> Trace(List<(double Score, int Node, int Rank)>[] ways, int end, int rank)
    {
        var ids = new List<int>();
        while (end > 0)
        {
            var (_, node, before) = ways[end][rank];
            ids.Add(_nodes[node].Id);
            (end, rank) = (_nodes[node].Start, before);
        }

        ids.Reverse();
        return ids;
    }

    private void Fill(string word)
    {
        _nodes.Clear();
        for (var start = 0; start < word.Length;)
        {
            var character = start + 1 < word.Length && char.IsSurrogatePair(word[start], word[start + 1]) ? 2 : 1;
            var covered = false;
            var node = _root;
            for (var end = start; end < word.Length;)
            {
                node = _trie.Child(node, word[end++]);
                if (node == 0)
                {
                    break;
                }

                if (_trie.Token(node) is var id and > 0)
                {
                    _nodes.Add((start, end, id, _pieces[id].Score));
                    covered |= end - start == character;
                }
            }

            if (!covered)
            {
                _nodes.Add((start, start + character, 0, _unknownScore));
            }

            start += character;
        }
    }

    private static double[] NewScores(string word)
    {
        var scores = new double[word.Length + 1];
        Array.Fill(scores, double.NegativeInfinity);
        return scores;
    }

    /// <summary>log(exp(a) + exp(b)).</summary>
    private static double LogSum(double a, double b)
    {
        const double Negligible = 50;
        var (less, more) = a > b ? (b, a) : (a, b);
        return more > less + Negligible ? more : more + Math.Log(Math.Exp(less - more) + 1);
    }
}
