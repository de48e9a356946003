namespace ExperimentHub.Engine.Generation.Processors;

/// <summary>
/// What sampling takes away: each method turns the scores (V) of unlikely tokens into −∞, as the class of the same name in Hugging Face's
/// <c>logits_process</c> does. The two buffers are kept from token to token, so nothing is allocated.
/// </summary>
internal sealed class SamplingFilters(int vocabularySize)
{
    /// <summary>Top-H looks at no more tokens than these (Hugging Face's constant).</summary>
    private const int TopHCandidates = 100;

    private readonly float[] _keys = new float[vocabularySize];
    private readonly float[] _weights = new float[vocabularySize];

    public static void Temperature(Span<float> scores, double temperature)
    {
        var divisor = (float)temperature;
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] /= divisor;
        }
    }

    /// <summary>Keeps the <paramref name="k"/> best, and every token tied with the last of them.</summary>
    public void TopK(Span<float> scores, int k, int minimum = 1)
    {
        k = Math.Max(k, minimum);
        if (k < scores.Length)
        {
            RemoveBelow(scores, KthBest(scores, k));
        }
    }

    /// <summary>Holtzman et al. 2020: keeps the most likely tokens until their probabilities come to <paramref name="p"/>, the one that reaches it included.</summary>
    public void TopP(Span<float> scores, double p, int minimum = 1)
    {
        var kept = KthBest(scores, minimum);
        var (keys, weights) = (_keys, _weights);
        Scores.Softmax(scores, weights);
        Negate(scores, keys);
        RemoveBelow(scores, MathF.Min(kept, -WeightedSelection.Find(keys, weights, p)));
    }

    /// <summary>Nguyen et al. 2024: removes what is less likely than <paramref name="minP"/> times the most likely token.</summary>
    public void MinP(Span<float> scores, double minP, int minimum = 1)
    {
        var probabilities = Probabilities(scores);
        RemoveUnlikely(scores, probabilities, minP * Scores.Max(probabilities), minimum);
    }

    /// <summary>
    /// Meister et al. 2023: keeps the tokens whose information is nearest to the entropy until their probabilities come to
    /// <paramref name="mass"/>, and all that are as near as the last.
    /// </summary>
    public void TypicalP(Span<float> scores, double mass, int minimum = 1)
    {
        var (distances, weights) = (_keys, _weights);
        var entropy = (float)Scores.Entropy(Probabilities(scores));
        Distances(scores, entropy, distances);
        var reach = WeightedSelection.Find(distances, weights, mass);
        Distances(scores, entropy, distances);
        Array.Fill(weights, 1);
        var least = WeightedSelection.Find(distances, weights, minimum);
        Distances(scores, entropy, distances);
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = distances[i] > MathF.Max(reach, least) ? float.NegativeInfinity : scores[i];
        }
    }

    /// <summary>Hewitt et al. 2022: removes probabilities below <paramref name="epsilon"/>; the best token stays.</summary>
    public void Epsilon(Span<float> scores, double epsilon, int minimum = 1) => RemoveUnlikely(scores, Probabilities(scores), epsilon, minimum);

    /// <summary>Hewitt et al. 2022: removes probabilities below min(ε, √ε · exp(−entropy)); the best token stays.</summary>
    public void Eta(Span<float> scores, double epsilon, int minimum = 1)
    {
        var probabilities = Probabilities(scores);
        RemoveUnlikely(scores, probabilities, Math.Min(epsilon, Math.Sqrt(epsilon) * Math.Exp(-Scores.Entropy(probabilities))), minimum);
    }

    /// <summary>
    /// Potraghloo et al. 2025: of the hundred best tokens, keeps the most likely while their share of the entropy is at most
    /// <paramref name="share"/> of it; the best token stays.
    /// </summary>
    public void TopH(Span<float> scores, double share)
    {
        var count = Math.Min(TopHCandidates, scores.Length);
        RemoveBelow(scores, KthBest(scores, count));
        var probabilities = Probabilities(scores);
        var bound = Scores.Entropy(probabilities) * share;
        var sorted = _keys;
        probabilities.CopyTo(sorted, 0);
        Array.Sort(sorted);
        var (sum, least) = (0.0, sorted[^1]);
        for (var i = sorted.Length - 1; i >= 0 && sorted[i] > 0; i--)
        {
            sum -= sorted[i] * Math.Log(sorted[i]);
            if (sum > bound)
            {
                break;
            }

            least = sorted[i];
        }

        RemoveUnlikely(scores, probabilities, least, 1);
    }

    /// <summary>The score of the k-th best token.</summary>
    private float KthBest(ReadOnlySpan<float> scores, int k)
    {
        if (k <= 1)
        {
            return Scores.Max(scores);
        }

        var (keys, weights) = (_keys, _weights);
        Negate(scores, keys);
        Array.Fill(weights, 1);
        return -WeightedSelection.Find(keys, weights, Math.Min(k, scores.Length));
    }

    private void RemoveUnlikely(Span<float> scores, ReadOnlySpan<float> probabilities, double least, int minimum)
    {
        if (minimum <= 1)
        {
            var best = Scores.Max(scores);
            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = probabilities[i] < (float)least && scores[i] < best ? float.NegativeInfinity : scores[i];
            }

            return;
        }

        // The probabilities stand in a buffer that the search for the k-th best needs: the tokens are judged by their scores instead.
        var bound = (float)(Math.Log(least) + Scores.LogSumExp(scores));
        RemoveBelow(scores, MathF.Min(bound, KthBest(scores, minimum)));
    }

    private static void RemoveBelow(Span<float> scores, float least)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = scores[i] < least ? float.NegativeInfinity : scores[i];
        }
    }

    private static void Distances(ReadOnlySpan<float> scores, float entropy, Span<float> distances)
    {
        var total = (float)Scores.LogSumExp(scores);
        for (var i = 0; i < scores.Length; i++)
        {
            distances[i] = MathF.Abs(total - scores[i] - entropy);
        }
    }

    private static void Negate(ReadOnlySpan<float> scores, Span<float> keys)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            keys[i] = -scores[i];
        }
    }

    private float[] Probabilities(ReadOnlySpan<float> scores)
    {
        Scores.Softmax(scores, _weights);
        return _weights;
    }
}
