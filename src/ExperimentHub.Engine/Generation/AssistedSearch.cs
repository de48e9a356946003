using ExperimentHub.Engine.Generation.Processors;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Engine.Generation;

/// <summary>
/// Greedy search of one text with a smaller draft model (Leviathan et al. 2023): the draft proposes some tokens, the model reads all of
/// them at once and keeps those that it would have written itself. The text is the same as without a draft.
/// </summary>
internal static class AssistedSearch
{
    private const int FirstProposed = 4;
    private const int FewestProposed = 1;
    private const int MostProposed = 16;

    /// <param name="decoding">The model, which has read nothing yet.</param>
    /// <param name="draft">The draft model, with the same vocabulary.</param>
    /// <param name="prompt">Token ids.</param>
    /// <param name="settings">Those of greedy search.</param>
    /// <param name="tokenizer">For stop strings; else null will do.</param>
    /// <param name="cancellation">Ends the writing between two rounds.</param>
    /// <exception cref="InputException">The models have different vocabularies, or the settings ask for more than greedy search.</exception>
    public static GeneratedSequence Generate(
        IDecoding decoding, IDecoding draft, int[] prompt, GenerationSettings settings, Tokenizer? tokenizer = null, CancellationToken cancellation = default)
    {
        if (settings is not { NumBeams: 1, DoSample: false, NumReturnSequences: 1 })
        {
            throw new InputException("A draft model helps greedy search only; set num_beams to 1 and do_sample to false.", "generation.draft_greedy");
        }

        if (draft.VocabularySize != decoding.VocabularySize)
        {
            throw new InputException(
                $"The draft model has {draft.VocabularySize} tokens and the model {decoding.VocabularySize}; choose a draft model with the same tokenizer.",
                "generation.draft_vocabulary", draft.VocabularySize, decoding.VocabularySize);
        }

        var promptLength = Generator.Check([prompt], decoding);
        _ = Generator.Check([prompt], draft);
        var limit = Math.Min(settings.Limit(promptLength, decoding.MaxLength), draft.MaxLength);
        var processing = new LogitsProcessing(settings, decoding.VocabularySize, promptLength, limit);
        var stops = new StopStrings(settings.StopStrings, tokenizer);
        var row = new GenerationRow(0, 0, prompt);
        var most = limit - promptLength;
        var token = Choose(decoding.Begin([prompt]), row, processing);
        draft.Begin([prompt]);
        var wanted = FirstProposed;
        while (true)
        {
            row.Add(token);
            if (Generator.Ended(row, settings, stops, most) is { } reason)
            {
                return new GeneratedSequence { Tokens = row.Output, Reason = reason };
            }

            cancellation.ThrowIfCancellationRequested();

            // Both models have read all but the last token, which is the model's own.
            var proposals = Propose(draft, row, processing, Math.Min(wanted, most - row.Generated));
            var logits = decoding.Next([token, .. proposals]);
            var accepted = 0;
            while (true)
            {
                token = Choose(logits.Slice(accepted * decoding.VocabularySize, decoding.VocabularySize), row, processing);
                if (accepted == proposals.Length || token != proposals[accepted])
                {
                    break;
                }

                accepted++;
                row.Add(token);
                if (Generator.Ended(row, settings, stops, most) is { } last)
                {
                    return new GeneratedSequence { Tokens = row.Output, Reason = last };
                }
            }

            decoding.Rewind(proposals.Length - accepted);
            if (accepted < proposals.Length)
            {
                draft.Rewind(proposals.Length - 1 - accepted);   // it has not read the last of its own proposals
            }
            else if (accepted > 0)
            {
                draft.Next([proposals[^1]]);
            }

            wanted = Math.Clamp(accepted == proposals.Length ? wanted + 2 : wanted - 1, FewestProposed, MostProposed);
        }
    }

    /// <summary>What the draft would write after the row.</summary>
    private static int[] Propose(IDecoding draft, GenerationRow row, LogitsProcessing processing, int count)
    {
        var proposals = new int[Math.Max(count, FewestProposed)];
        for (var i = 0; i < proposals.Length; i++)
        {
            proposals[i] = Choose(draft.Next([row.Tokens[^1]]), row, processing);
            row.Add(proposals[i]);
        }

        row.RemoveLast(proposals.Length);
        return proposals;
    }

    private static int Choose(Span<float> logits, GenerationRow row, LogitsProcessing processing)
    {
        processing.Apply(logits, row.Tokens, row.Generated);
        return Scores.ArgMax(logits);
    }
}
