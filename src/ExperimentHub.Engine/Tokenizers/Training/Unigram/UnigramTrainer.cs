using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers.Training;

/// <summary>
/// Learns a unigram vocabulary (Kudo 2018) from texts as the tokenizers library does: it begins with all frequent substrings, fits their
/// probabilities by expectation and maximisation (with the sparse prior of Liang et al. 2007), and drops those that the words miss
/// least, until few enough are left. Where the library goes by the order of a hash table (which of the characters that were dropped
/// comes last), this goes by letters.
/// </summary>
public sealed class UnigramTrainer
{
    private const string TrainingUnknown = "<UNK>";
    private const double LeastExpected = 0.5;
    private const double PenaltyStep = 0.0001;

    private readonly UnigramTraining _training;
    private readonly MetaspacePreTokenizer _preTokenizer = new(new('▁'), PrependScheme.Always, split: true);
    private readonly NormalizedText _text = new();
    private readonly PreTokenizedText _cut = new();
    private readonly WordCounts _counts = new();

    public UnigramTrainer(UnigramTraining training) => _training = training;

    /// <summary>Counts the words of a text.</summary>
    public void Add(string text)
    {
        _text.Set(text, 0, tracks: false);
        _cut.Start(_text, new(0, _text.Length));
        _preTokenizer.Apply(_cut);
        foreach (var piece in _cut.Pieces)
        {
            _counts.Add(_cut.Text.Chars[piece.Start..piece.End]);
        }
    }

    /// <param name="progress">Told how many tokens are still in the running.</param>
    /// <exception cref="InputException">The texts have more different characters than the vocabulary has room for.</exception>
    public UnigramVocabulary Train(IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        var words = _counts.InOrder();
        var required = words.SelectMany(w => w.Key.EnumerateRunes()).Select(r => r.ToString()).Distinct().Order(StringComparer.Ordinal).ToList();
        if (required.Count + _training.Special.Count + 1 > _training.Size)
        {
            throw new InputException(
                $"The texts have {required.Count} different characters, more than a vocabulary of {_training.Size} tokens has room for; ask for more tokens.",
                "tokenizer.vocabulary_small",
                required.Count,
                _training.Size);
        }

        List<(string Token, double Score)> pieces = [(TrainingUnknown, double.NaN), .. Seeds(words)];
        var wanted = _training.Size * 11 / 10;
        while (true)
        {
            for (var i = 0; i < _training.SubIterations; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                pieces = Maximise(pieces, Expect(pieces, words));
            }

            progress?.Report(pieces.Count);
            if (pieces.Count <= wanted)
            {
                return Finish(pieces, required);
            }

            var kept = new UnigramPruning(pieces, words).Keep(Math.Max(wanted, (int)(pieces.Count * _training.ShrinkingFactor)));
            if (kept.Count == pieces.Count)
            {
                return Finish(pieces, required);   // nothing can be dropped any more
            }

            pieces = kept;
        }
    }

    /// <summary>All characters, then frequent substrings by count times length.</summary>
    private List<(string Token, double Score)> Seeds(List<KeyValuePair<string, int>> words)
    {
        var characters = words.SelectMany(w => w.Key.EnumerateRunes().Select(r => (Rune: r, w.Value))).GroupBy(c => c.Rune, c => (double)c.Value)
            .Select(g => (Rune: g.Key, Count: g.Sum())).OrderByDescending(c => c.Count).ThenByDescending(c => c.Rune);
        var substrings = FrequentSubstrings.Find(words.Select(w => w.Key), _training.LongestToken)
            .Select(s => (s.Text, Score: (double)s.Count * s.Text.EnumerateRunes().Count()))
            .OrderByDescending(s => s.Score).ThenByDescending(s => s.Text, StringComparer.Ordinal);
        var seeds = characters.Select(c => (c.Rune.ToString(), c.Count)).Concat(substrings).Take(_training.SeedSize).ToList();
        var total = Math.Log(seeds.Sum(s => s.Item2));
        return seeds.ConvertAll(s => (s.Item1, Math.Log(s.Item2) - total));
    }

    private static double[] Expect(List<(string Token, double Score)> pieces, List<KeyValuePair<string, int>> words)
    {
        var lattice = new UnigramLattice(pieces);
        var expected = new double[pieces.Count];
        foreach (var (word, count) in words)
        {
            lattice.AddExpected(word, count, expected);
        }

        return expected;
    }

    private static List<(string Token, double Score)> Maximise(List<(string Token, double Score)> pieces, double[] expected)
    {
        List<(string Token, double Score)> kept = [(TrainingUnknown, double.NaN)];
        var sum = 0.0;
        for (var id = 1; id < pieces.Count; id++)
        {
            if (expected[id] >= LeastExpected)
            {
                kept.Add((pieces[id].Token, expected[id]));
                sum += expected[id];
            }
        }

        var total = Digamma(sum);
        return kept.ConvertAll(p => (p.Token, double.IsNaN(p.Score) ? p.Score : Digamma(p.Score) - total));
    }

    /// <summary>Asymptotic series after moving the argument above 7.</summary>
    private static double Digamma(double x)
    {
        var result = 0.0;
        for (; x < 7; x++)
        {
            result -= 1 / x;
        }

        x -= 0.5;
        var square = 1 / (x * x);
        return result + Math.Log(x) + (square / 24) - (7.0 / 960 * square * square) + (31.0 / 8064 * square * square * square) - (127.0 / 30720 * square * square * square * square);
    }

    /// <summary>All characters, whether they were kept or not, and the best of the rest.</summary>
    private UnigramVocabulary Finish(List<(string Token, double Score)> pieces, List<string> required)
    {
        var scores = pieces.Skip(1).ToDictionary(p => p.Token, p => p.Score);
        var least = scores.Count > 0 ? scores.Values.Min() : 0;
        var penalty = 0.0;
        var tokens = new List<(string Token, double Score)>();
        foreach (var character in required)
        {
            if (scores.TryGetValue(character, out var score))
            {
                tokens.Add((character, score));
            }
            else
            {
                tokens.Add((character, least + penalty));
                penalty += PenaltyStep;
            }
        }

        var unknown = _training.Special.ToList().IndexOf(_training.Unknown);
        var special = unknown < 0 ? [_training.Unknown, .. _training.Special] : _training.Special;
        var inserted = required.ToHashSet();
        tokens.AddRange(pieces.Skip(1).Where(p => !inserted.Contains(p.Token)).Take(_training.Size - special.Count - tokens.Count));
        return new([.. special.Select(t => (t, 0.0)), .. tokens.OrderByDescending(t => t.Score)], Math.Max(0, unknown));
    }
}
