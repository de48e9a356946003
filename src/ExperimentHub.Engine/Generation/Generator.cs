using ExperimentHub.Engine.Generation.Processors;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Generation;

/// <summary>
/// Writes texts as Hugging Face's <c>generate</c> does: greedy search and sampling here, beam search in <see cref="BeamSearch"/>, and
/// greedy search with a draft model in <see cref="AssistedSearch"/>.
/// </summary>
internal static class Generator
{
    /// <summary>Writes <see cref="GenerationSettings.NumReturnSequences"/> texts for each prompt.</summary>
    /// <param name="decoding">A model that has read nothing yet.</param>
    /// <param name="prompts">Token ids without padding; of an encoder-decoder the start token of each text.</param>
    /// <param name="settings">What to do.</param>
    /// <param name="tokenizer">For stop strings; else null will do.</param>
    /// <param name="written">Is told each token at once; not in beam search, where none is certain before the end.</param>
    /// <param name="cancellation">Ends the writing between two tokens.</param>
    /// <returns>For each prompt its texts; those of a beam search best first.</returns>
    /// <exception cref="InputException">A prompt is empty or longer than the model reads, or the settings do not fit the model.</exception>
    public static IReadOnlyList<IReadOnlyList<GeneratedSequence>> Generate(
        IDecoding decoding, IReadOnlyList<int[]> prompts, GenerationSettings settings, Tokenizer? tokenizer = null, Action<GeneratedToken>? written = null, CancellationToken cancellation = default)
    {
        var promptLength = Check(prompts, decoding);
        var limit = settings.Limit(promptLength, decoding.MaxLength);
        var processing = new LogitsProcessing(settings, decoding.VocabularySize, promptLength, limit);
        var stops = new StopStrings(settings.StopStrings, tokenizer);
        return settings.NumBeams > 1
            ? new BeamSearch(decoding, settings, processing, stops, promptLength, limit).Run(prompts, cancellation)
            : Run(decoding, prompts, settings, processing, stops, limit - promptLength, written, cancellation);
    }

    /// <summary>The length of the longest prompt, when all can be read and one token can follow.</summary>
    internal static int Check(IReadOnlyList<int[]> prompts, IDecoding decoding)
    {
        if (prompts.Count == 0 || prompts.Any(p => p.Length == 0))
        {
            throw Empty();
        }

        var longest = prompts.Max(p => p.Length);
        if (longest >= decoding.MaxLength)
        {
            throw new InputException(
                $"The prompt has {longest} tokens, but the model reads {decoding.MaxLength} with what it writes; shorten the prompt.", "generation.too_long", longest, decoding.MaxLength);
        }

        var wrong = prompts.SelectMany(p => p).FirstOrDefault(t => (uint)t >= (uint)decoding.VocabularySize, -1);
        return wrong < 0 ? longest : throw NoSuchToken(wrong, decoding.VocabularySize);
    }

    internal static InputException Empty() => new("The prompt is empty; write something for the model to continue.", "generation.empty");

    internal static InputException NoSuchToken(int token, int vocabularySize) =>
        new($"There is a token {token} in the prompt or the settings, but the model has the tokens 0 to {vocabularySize - 1} only; tokenizer, settings and model do not belong together.",
            "generation.token", token, vocabularySize - 1);

    private static GeneratedSequence[][] Run(
        IDecoding decoding, IReadOnlyList<int[]> prompts, GenerationSettings settings, LogitsProcessing processing, StopStrings stops, int most, Action<GeneratedToken>? written,
        CancellationToken cancellation)
    {
        var results = prompts.Select(_ => new GeneratedSequence[settings.NumReturnSequences]).ToArray();
        var rows = new List<GenerationRow>(prompts.Count * settings.NumReturnSequences);
        for (var i = 0; i < prompts.Count * settings.NumReturnSequences; i++)
        {
            rows.Add(new GenerationRow(i / settings.NumReturnSequences, i % settings.NumReturnSequences, prompts[i / settings.NumReturnSequences]));
        }

        var logits = decoding.Begin(prompts);
        if (settings.NumReturnSequences > 1)
        {
            logits = Repeat(logits, decoding.VocabularySize, settings.NumReturnSequences);
            decoding.Select([.. rows.Select(r => r.Prompt)]);
        }

        var next = new int[rows.Count];
        var kept = new int[rows.Count];
        while (true)
        {
            var going = 0;
            for (var i = 0; i < rows.Count; i++)
            {
                var row = rows[i];
                var token = Choose(row, logits.Slice(i * decoding.VocabularySize, decoding.VocabularySize), settings, processing);
                row.Add(token);
                written?.Invoke(new GeneratedToken(row.Prompt, row.Sequence, token, row.LogProbabilities.Count > 0 ? row.LogProbabilities[^1] : null));
                if (Ended(row, settings, stops, most) is { } reason)
                {
                    results[row.Prompt][row.Sequence] = new GeneratedSequence { Tokens = row.Output, Reason = reason, LogProbabilities = row.LogProbabilities };
                    continue;
                }

                kept[going] = i;
                next[going++] = token;
            }

            if (going == 0)
            {
                return results;
            }

            cancellation.ThrowIfCancellationRequested();
            if (going < rows.Count)
            {
                // A finished text costs nothing more: its row leaves the batch.
                decoding.Select(kept.AsSpan(0, going));
                rows = [.. kept.Take(going).Select(i => rows[i])];
            }

            logits = decoding.Next(next.AsSpan(0, going));
        }
    }

    private static int Choose(GenerationRow row, Span<float> logits, GenerationSettings settings, LogitsProcessing processing)
    {
        // The logarithm of a probability is that of the model itself, so the token is looked up before the scores change for good.
        var before = settings.TopLogProbabilities is null ? null : logits.ToArray();
        processing.Apply(logits, row.Tokens, row.Generated);
        var token = settings.DoSample
            ? TokenChoice.Sample(logits, CounterRandom.Uniform(settings.Seed, (ulong)row.Sequence, (ulong)row.Generated))
            : Scores.ArgMax(logits);
        if (before is not null)
        {
            row.LogProbabilities.Add(TokenChoice.LogProbability(before, token, settings.TopLogProbabilities!.Value));
        }

        return token;
    }

    internal static FinishReason? Ended(GenerationRow row, GenerationSettings settings, StopStrings stops, int most) =>
        settings.EosTokenId.Contains(row.Tokens[^1]) ? FinishReason.EndToken
        : stops.EndsWith(row.Tokens) ? FinishReason.StopString
        : row.Generated >= most ? FinishReason.Length
        : null;

    private static Span<float> Repeat(ReadOnlySpan<float> logits, int vocabularySize, int times)
    {
        var repeated = new float[logits.Length * times];
        for (var i = 0; i < repeated.Length / vocabularySize; i++)
        {
            logits.Slice(i / times * vocabularySize, vocabularySize).CopyTo(repeated.AsSpan(i * vocabularySize));
        }

        return repeated;
    }
}
