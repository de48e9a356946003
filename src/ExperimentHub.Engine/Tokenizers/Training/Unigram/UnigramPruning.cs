namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>Which tokens the words would miss most: each is held against the second best way to write it.</summary>
internal sealed class UnigramPruning
{
    private readonly List<(string Token, double Score)> _pieces;
    private readonly List<int>?[] _alternatives;
    private readonly bool[] _kept;
    private readonly double[] _counts;
    private readonly double _words;

    internal UnigramPruning(List<(string Token, double Score)> pieces, List<KeyValuePair<string, int>> words)
    {
        _pieces = pieces;
        _alternatives = new List<int>?[pieces.Count];
        _kept = new bool[pieces.Count];
        _counts = new double[pieces.Count];
        var lattice = new UnigramLattice(pieces);
        for (var id = 1; id < pieces.Count; id++)
        {
            var best = lattice.Best(pieces[id].Token, 2);
            _kept[id] = best.Count == 1 || best[0].Count == 1;
            _alternatives[id] = best.Count == 2 && best[0].Count == 1 ? best[1] : null;
        }

        foreach (var (word, count) in words)
        {
            _words += count;
            foreach (var id in lattice.Best(word, 1)[0])
            {
                _counts[id] += count;
            }
        }
    }

    /// <summary>The unknown token, those that cannot be written otherwise, and the others with the largest loss.</summary>
    internal List<(string Token, double Score)> Keep(int most)
    {
        var kept = new List<(string Token, double Score)> { _pieces[0] };
        var candidates = new List<(int Id, double Loss)>();
        var sum = _counts.Sum();
        var logSum = Math.Log(sum);
        for (var id = 1; id < _pieces.Count; id++)
        {
            if (_counts[id] == 0 && !_kept[id])
            {
                continue;   // on no best path
            }

            if (_alternatives[id] is not { } alternatives)
            {
                kept.Add(_pieces[id]);
            }
            else if (_counts[id] > 0)
            {
                candidates.Add((id, Loss(id, alternatives, sum, logSum)));
            }
        }

        kept.AddRange(candidates.OrderByDescending(c => c.Loss).Take(Math.Max(0, most - kept.Count)).Select(c => _pieces[c.Id]));
        return kept;
    }

    /// <summary>
    /// How much less likely the words are if the token's occurrences go to its alternatives. The sum of all counts should then grow by one
    /// less than there are alternatives, for each occurrence; the tokenizers library takes the number of all tokens for that of the
    /// alternatives, which favours frequent tokens, and so does this, to learn the same vocabulary.
    /// </summary>
    private double Loss(int id, List<int> alternatives, double sum, double logSum)
    {
        var logSumWithout = Math.Log(sum + (_counts[id] * (_pieces.Count - 1)));
        var without = alternatives.Sum(other => Math.Log(_counts[other] + _counts[id]) - logSumWithout);
        return _counts[id] / _words * (Math.Log(_counts[id]) - logSum - without);
    }
}
