namespace ExperimentHub.Engine.Generation.Processors;

/// <summary>
/// All that settings do to the scores (V) of one place, in the order of Hugging Face's <c>generate</c>: biases and penalties, what is
/// forbidden, what is forced, then (in sampling) temperature and filters. OpenAI's penalties and biases come after the first ones, before
/// anything is forbidden. One thread at a time.
/// </summary>
internal sealed class LogitsProcessing
{
    private readonly GenerationSettings _settings;
    private readonly SamplingFilters _filters;
    private readonly int[] _seen;
    private readonly IReadOnlyList<TokenBias> _badWords;
    private readonly IReadOnlyList<TokenBias> _biases;

    /// <summary>Length of the longest text of the batch, prompt included; the prompts count as filled up to the longest.</summary>
    private readonly int _limit;

    private readonly int _promptLength;

    /// <exception cref="InputException">A setting names a token that the model has not.</exception>
    public LogitsProcessing(GenerationSettings settings, int vocabularySize, int promptLength, int limit)
    {
        _settings = settings;
        _promptLength = promptLength;
        _limit = limit;
        _filters = new SamplingFilters(vocabularySize);
        _seen = new int[vocabularySize];
        _badWords = [.. settings.BadWordsIds.Where(w => w is not [var only] || !settings.EosTokenId.Contains(only)).Select(w => new TokenBias(w, float.NegativeInfinity))];
        _biases = [.. settings.LogitBias.Select(b => new TokenBias([b.Key], b.Value))];
        var named = settings.SequenceBias.SelectMany(b => b.Tokens).Concat(settings.LogitBias.Keys).Concat(settings.ForcedEosTokenId).Append(settings.ForcedBosTokenId ?? 0);
        if (named.Max() is var largest && largest >= vocabularySize)
        {
            throw Generator.NoSuchToken(largest, vocabularySize);
        }

        IsNeeded = Reshapes || Forbids || (settings.DoSample && Filters);
    }

    /// <summary>False where the settings leave every score as it is: then a long vocabulary need not be passed over.</summary>
    public bool IsNeeded { get; }

    private bool Reshapes =>
        _settings.SequenceBias.Count > 0 || _settings.RepetitionPenalty != 1 || _settings.PresencePenalty != 0 || _settings.FrequencyPenalty != 0 || _biases.Count > 0;

    private bool Forbids =>
        _settings.NoRepeatNgramSize > 0 || _badWords.Count > 0 || _settings.MinLength > 0 || _settings.MinNewTokens > 0 || _settings.ForcedBosTokenId is not null
        || _settings.ForcedEosTokenId.Count > 0 || _settings.SuppressTokens.Count > 0 || _settings.BeginSuppressTokens.Count > 0;

    private bool Filters =>
        _settings is not { Temperature: 1, TopH: null, TopK: 0, TopP: 1, MinP: null, TypicalP: 1, EpsilonCutoff: 0, EtaCutoff: 0 };

    /// <summary>Changes the scores of what follows <paramref name="tokens"/>.</summary>
    /// <param name="scores">V scores: logits, or log-probabilities in beam search.</param>
    /// <param name="tokens">Prompt (without padding) and output of one row.</param>
    /// <param name="generated">How many of them are output.</param>
    public void Apply(Span<float> scores, ReadOnlySpan<int> tokens, int generated)
    {
        if (!IsNeeded)
        {
            return;
        }

        Penalties.Add(scores, tokens, _settings.SequenceBias);
        if (_settings.RepetitionPenalty != 1)
        {
            Penalties.Repetition(scores, tokens, _settings.RepetitionPenalty, _seen);
        }

        if (_settings.PresencePenalty != 0 || _settings.FrequencyPenalty != 0)
        {
            Penalties.PresenceAndFrequency(scores, tokens[^generated..], _settings.PresencePenalty, _settings.FrequencyPenalty, _seen);
        }

        Penalties.Add(scores, tokens, _biases);
        if (_settings.NoRepeatNgramSize > 0)
        {
            Penalties.NoRepeatNgram(scores, tokens, _settings.NoRepeatNgramSize);
        }

        Penalties.Add(scores, tokens, _badWords);
        var length = _promptLength + generated;
        if (length < _settings.MinLength || generated < _settings.MinNewTokens)
        {
            Penalties.Forbid(scores, _settings.EosTokenId);
        }

        if (_settings.ForcedBosTokenId is { } first && length == 1)
        {
            Penalties.Force(scores, [first]);
        }

        if (_settings.ForcedEosTokenId.Count > 0 && length == _limit - 1)
        {
            Penalties.Force(scores, _settings.ForcedEosTokenId);
        }

        Penalties.Forbid(scores, _settings.SuppressTokens);
        if (generated == (_promptLength == 1 && _settings.ForcedBosTokenId is not null ? 1 : 0))
        {
            Penalties.Forbid(scores, _settings.BeginSuppressTokens);
        }

        if (_settings.DoSample)
        {
            Filter(scores);
        }
    }

    private void Filter(Span<float> scores)
    {
        if (_settings.Temperature != 1)
        {
            SamplingFilters.Temperature(scores, _settings.Temperature);
        }

        if (_settings.TopH is { } topH)
        {
            _filters.TopH(scores, topH);
        }

        if (_settings.TopK > 0)
        {
            _filters.TopK(scores, _settings.TopK);
        }

        if (_settings.TopP < 1)
        {
            _filters.TopP(scores, _settings.TopP);
        }

        if (_settings.MinP is { } minP)
        {
            _filters.MinP(scores, minP);
        }

        if (_settings.TypicalP < 1)
        {
            _filters.TypicalP(scores, _settings.TypicalP);
        }

        if (_settings.EpsilonCutoff is > 0 and < 1)
        {
            _filters.Epsilon(scores, _settings.EpsilonCutoff);
        }

        if (_settings.EtaCutoff is > 0 and < 1)
        {
            _filters.Eta(scores, _settings.EtaCutoff);
        }
    }
}
