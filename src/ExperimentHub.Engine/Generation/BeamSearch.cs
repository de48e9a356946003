using ExperimentHub.Engine.Generation.Processors;

namespace ExperimentHub.Engine.Generation;

/// <summary>
/// Beam search as transformers 5 has it: the scores are sums of log-probabilities (processed, not renormalised), each step takes the best
/// max(2, 1 + end tokens) · beams continuations of a prompt, and one that ends counts only if it is among the first <c>num_beams</c> of them.
/// </summary>
internal sealed class BeamSearch(IDecoding decoding, GenerationSettings settings, LogitsProcessing processing, StopStrings stops, int promptLength, int limit)
{
    private readonly int _most = limit - promptLength;
    private readonly int _candidates = Math.Max(2, 1 + settings.EosTokenId.Count) * settings.NumBeams;

    /// <returns>For each prompt its best texts, best first.</returns>
    public IReadOnlyList<IReadOnlyList<GeneratedSequence>> Run(IReadOnlyList<int[]> prompts, CancellationToken cancellation)
    {
        var searches = prompts.Select(p => new PromptSearch(p)).ToList();
        var going = searches.ToList();
        var logits = decoding.Begin(prompts);
        for (var generated = 0; ; generated++)
        {
            var (rows, tokens) = (new List<int>(), new List<int>());
            var first = 0;
            foreach (var search in going)
            {
                var beams = search.Running.Count;
                Step(search, logits.Slice(first * decoding.VocabularySize, beams * decoding.VocabularySize), generated);
                if (!IsDone(search, generated + 1))
                {
                    rows.AddRange(search.Running.Select(b => first + b.Parent));
                    tokens.AddRange(search.Running.Select(b => b.Tokens[^1]));
                }
                else
                {
                    search.Running.Clear();
                }

                first += beams;
            }

            going.RemoveAll(s => s.Running.Count == 0);
            if (going.Count == 0)
            {
                return [.. searches.Select(s => (IReadOnlyList<GeneratedSequence>)[.. s.Finished.Take(settings.NumReturnSequences).Select(f => f.Sequence)])];
            }

            cancellation.ThrowIfCancellationRequested();
            decoding.Select([.. rows]);
            logits = decoding.Next([.. tokens]);
        }
    }

    /// <summary>One token more for the beams of one prompt, from their logits (beams, V).</summary>
    private void Step(PromptSearch search, Span<float> logits, int generated)
    {
        var candidates = new List<(int Beam, int Token, double Score)>(search.Running.Count * _candidates);
        for (var beam = 0; beam < search.Running.Count; beam++)
        {
            var scores = logits.Slice(beam * decoding.VocabularySize, decoding.VocabularySize);
            Scores.LogSoftmax(scores);
            processing.Apply(scores, search.Running[beam].Tokens, generated);
            candidates.AddRange(TokenChoice.Best(scores, _candidates)
                .Where(c => c.Score > float.NegativeInfinity)
                .Select(c => (beam, c.Token, search.Running[beam].Score + c.Score)));
        }

        var running = new List<Beam>(settings.NumBeams);
        foreach (var (rank, candidate) in candidates.OrderByDescending(c => c.Score).Take(_candidates).Index())
        {
            int[] tokens = [.. search.Running[candidate.Beam].Tokens, candidate.Token];
            if (Ended(tokens, generated + 1) is { } reason)
            {
                if (rank < settings.NumBeams)
                {
                    search.Finish(tokens, reason, candidate.Score / Math.Pow(generated + 1, settings.LengthPenalty), settings.NumBeams);
                }
            }
            else if (running.Count < settings.NumBeams)
            {
                running.Add(new Beam(tokens, candidate.Score, candidate.Beam));
            }
        }

        search.Running = running;
    }

    private FinishReason? Ended(int[] tokens, int generated) =>
        settings.EosTokenId.Contains(tokens[^1]) ? FinishReason.EndToken
        : stops.EndsWith(tokens) ? FinishReason.StopString
        : generated >= _most ? FinishReason.Length
        : null;

    /// <summary>No beam goes on, or none that does can be expected to become one of the best.</summary>
    private bool IsDone(PromptSearch search, int generated)
    {
        if (search.Running.Count == 0)
        {
            return true;
        }

        if (search.Finished.Count < settings.NumBeams)
        {
            return false;
        }

        var length = settings is { EarlyStopping: EarlyStopping.WhenImpossible, LengthPenalty: > 0 } ? _most : generated;
        return settings.EarlyStopping == EarlyStopping.AtOnce
            || search.Running[0].Score / Math.Pow(length, settings.LengthPenalty) <= search.Finished[^1].Score;
    }

    /// <param name="Tokens">Prompt and output.</param>
    /// <param name="Score">Sum of log-probabilities.</param>
    /// <param name="Parent">The beam of the step before that it continues.</param>
    private sealed record Beam(int[] Tokens, double Score, int Parent);

    private sealed class PromptSearch(int[] prompt)
    {
        /// <summary>Best first.</summary>
        public List<Beam> Running { get; set; } = [new Beam(prompt, 0, 0)];

        /// <summary>Best first, no more than there are beams.</summary>
        public List<(double Score, GeneratedSequence Sequence)> Finished { get; } = [];

        public void Finish(int[] tokens, FinishReason reason, double score, int most)
        {
            var place = Finished.FindIndex(f => f.Score < score);
            Finished.Insert(place < 0 ? Finished.Count : place, (score, new GeneratedSequence { Tokens = tokens[prompt.Length..], Reason = reason, Score = score }));
            if (Finished.Count > most)
            {
                Finished.RemoveAt(most);
            }
        }
    }
}
