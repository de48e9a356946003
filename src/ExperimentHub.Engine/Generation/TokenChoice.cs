using ExperimentHub.Engine.Generation.Processors;

namespace ExperimentHub.Engine.Generation;

/// <summary>From scores (V) to a token.</summary>
internal static class TokenChoice
{
    /// <summary>The token at which the running sum of probabilities passes <paramref name="point"/>, which lies from 0 to 1.</summary>
    public static int Sample(ReadOnlySpan<float> scores, double point)
    {
        var total = Scores.LogSumExp(scores);
        var (sum, last) = (0.0, -1);
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] == float.NegativeInfinity)
            {
                continue;
            }

            last = i;
            sum += Math.Exp(scores[i] - total);
            if (sum > point)
            {
                break;
            }
        }

        // The sum of all may be a little less than 1 by rounding: the last token that can be has the rest.
        return last >= 0 ? last : Scores.ArgMax(scores);
    }

    /// <summary>The best tokens, best first, among equals the first.</summary>
    public static List<(int Token, float Score)> Best(ReadOnlySpan<float> scores, int count)
    {
        var best = new PriorityQueue<int, (float Score, int Later)>(count + 1);
        for (var i = 0; i < scores.Length; i++)
        {
            if (best.Count < count)
            {
                best.Enqueue(i, (scores[i], -i));
            }
            else if (count > 0 && best.TryPeek(out _, out var worst) && scores[i] > worst.Score)
            {
                best.DequeueEnqueue(i, (scores[i], -i));
            }
        }

        var sorted = new List<(int, float)>(best.Count);
        while (best.TryDequeue(out var token, out var rank))
        {
            sorted.Add((token, rank.Score));
        }

        sorted.Reverse();
        return sorted;
    }

    /// <summary>How likely the model found <paramref name="token"/>, from its scores before any processing.</summary>
    public static TokenLogProbability LogProbability(ReadOnlySpan<float> logits, int token, int top)
    {
        var total = (float)Scores.LogSumExp(logits);
        return new TokenLogProbability(token, logits[token] - total, [.. Best(logits, top).Select(t => (t.Token, t.Score - total))]);
    }
}
