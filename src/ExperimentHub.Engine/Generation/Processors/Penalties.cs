namespace ExperimentHub.Engine.Generation.Processors;

/// <summary>What is taken from or added to the scores (V) of tokens because of the tokens before: functions of the same name as Hugging Face's and OpenAI's settings.</summary>
internal static class Penalties
{
    /// <summary>
    /// Keskar et al. 2019: once for each distinct id of <paramref name="tokens"/>, negative scores times the penalty, others divided by it.
    /// </summary>
    /// <param name="scores">V scores.</param>
    /// <param name="tokens">Prompt and output so far.</param>
    /// <param name="penalty">1 does nothing.</param>
    /// <param name="seen">V counts, all zero before and after.</param>
    public static void Repetition(Span<float> scores, ReadOnlySpan<int> tokens, double penalty, Span<int> seen)
    {
        var factor = (float)penalty;
        foreach (var token in tokens)
        {
            if ((uint)token < (uint)scores.Length && seen[token]++ == 0)
            {
                scores[token] = scores[token] < 0 ? scores[token] * factor : scores[token] / factor;
            }
        }

        Forget(tokens, seen);
    }

    /// <summary>OpenAI's: score − count · frequency − (count &gt; 0) · presence, counted over the output alone.</summary>
    public static void PresenceAndFrequency(Span<float> scores, ReadOnlySpan<int> output, double presence, double frequency, Span<int> seen)
    {
        foreach (var token in output)
        {
            if ((uint)token < (uint)scores.Length)
            {
                scores[token] -= (float)(frequency + (seen[token]++ == 0 ? presence : 0));
            }
        }

        Forget(output, seen);
    }

    /// <summary>Forbids each token that followed an earlier occurrence of the last n − 1 tokens.</summary>
    public static void NoRepeatNgram(Span<float> scores, ReadOnlySpan<int> tokens, int n)
    {
        if (tokens.Length < n)
        {
            return;
        }

        var prefix = tokens[(tokens.Length + 1 - n)..];
        for (var i = 0; i + n <= tokens.Length; i++)
        {
            if (tokens.Slice(i, n - 1).SequenceEqual(prefix))
            {
                Forbid(scores, tokens[i + n - 1]);
            }
        }
    }

    /// <summary>Adds each bias to its last token where the tokens before it end <paramref name="tokens"/>.</summary>
    public static void Add(Span<float> scores, ReadOnlySpan<int> tokens, IReadOnlyList<TokenBias> biases)
    {
        foreach (var bias in biases)
        {
            var before = bias.Tokens.Count - 1;
            if (before <= tokens.Length && EndsWith(tokens, bias.Tokens, before) && bias.Tokens[before] < scores.Length)
            {
                scores[bias.Tokens[before]] += bias.Bias;
            }
        }
    }

    public static void Forbid(Span<float> scores, IReadOnlyList<int> tokens)
    {
        foreach (var token in tokens)
        {
            Forbid(scores, token);
        }
    }

    /// <summary>These tokens or none.</summary>
    public static void Force(Span<float> scores, IReadOnlyList<int> tokens)
    {
        scores.Fill(float.NegativeInfinity);
        foreach (var token in tokens)
        {
            scores[token] = 0;
        }
    }

    private static bool EndsWith(ReadOnlySpan<int> tokens, IReadOnlyList<int> wanted, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (tokens[tokens.Length - count + i] != wanted[i])
            {
                return false;
            }
        }

        return true;
    }

    private static void Forbid(Span<float> scores, int token)
    {
        if ((uint)token < (uint)scores.Length)
        {
            scores[token] = float.NegativeInfinity;
        }
    }

    private static void Forget(ReadOnlySpan<int> tokens, Span<int> seen)
    {
        foreach (var token in tokens)
        {
            if ((uint)token < (uint)seen.Length)
            {
                seen[token] = 0;
            }
        }
    }
}
