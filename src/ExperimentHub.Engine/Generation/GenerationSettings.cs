namespace ExperimentHub.Engine.Generation;

/// <summary>
/// How text is generated, with the names and defaults of Hugging Face's GenerationConfig (and of OpenAI's API, where that has more). A
/// value that is its default does nothing. <see cref="GenerationSettingsReader"/> reads and checks them.
/// </summary>
public sealed record GenerationSettings
{
    /// <summary>What is generated where neither <see cref="MaxNewTokens"/> nor <see cref="MaxLength"/> says how much.</summary>
    public const int DefaultNewTokens = 20;

    /// <summary>At most so many tokens, the end token included; comes before <see cref="MaxLength"/>.</summary>
    public int? MaxNewTokens { get; init; }

    /// <summary>The same, counting the prompt (of an encoder-decoder: the start token).</summary>
    public int? MaxLength { get; init; }

    /// <summary>No end token before so many tokens, counting the prompt.</summary>
    public int MinLength { get; init; }

    public int MinNewTokens { get; init; }

    public bool DoSample { get; init; }

    public double Temperature { get; init; } = 1;

    /// <summary>0 takes all.</summary>
    public int TopK { get; init; } = 50;

    public double TopP { get; init; } = 1;

    public double? MinP { get; init; }

    public double TypicalP { get; init; } = 1;

    public double EpsilonCutoff { get; init; }

    public double EtaCutoff { get; init; }

    public double? TopH { get; init; }

    /// <summary>The same seed and prompt give the same tokens, whatever else is in the batch.</summary>
    public ulong Seed { get; init; }

    public int NumBeams { get; init; } = 1;

    public int NumReturnSequences { get; init; } = 1;

    public double LengthPenalty { get; init; } = 1;

    public EarlyStopping EarlyStopping { get; init; }

    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>OpenAI's: taken from each token that the output holds already; the prompt does not count.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>OpenAI's: taken from each token once for each time that the output holds it.</summary>
    public double FrequencyPenalty { get; init; }

    public int NoRepeatNgramSize { get; init; }

    public IReadOnlyList<IReadOnlyList<int>> BadWordsIds { get; init; } = [];

    public IReadOnlyList<TokenBias> SequenceBias { get; init; } = [];

    /// <summary>OpenAI's, by token id.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = new Dictionary<int, float>();

    public IReadOnlyList<int> SuppressTokens { get; init; } = [];

    /// <summary>Never the first token of the output.</summary>
    public IReadOnlyList<int> BeginSuppressTokens { get; init; } = [];

    public int? ForcedBosTokenId { get; init; }

    /// <summary>The token at the last place, where the text did not end before.</summary>
    public IReadOnlyList<int> ForcedEosTokenId { get; init; } = [];

    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Any of them ends a text. None: only the length does.</summary>
    public IReadOnlyList<int> EosTokenId { get; init; } = [];

    public int? PadTokenId { get; init; }

    public int? BosTokenId { get; init; }

    public int? DecoderStartTokenId { get; init; }

    /// <summary>With each token of the output its log-probability before any processing, and those of so many of the most likely tokens; null: none.</summary>
    public int? TopLogProbabilities { get; init; }

    /// <summary>How long the longest of a batch's texts may become, prompt included.</summary>
    /// <param name="promptLength">Of the longest prompt.</param>
    /// <param name="modelLength">What the model can read.</param>
    internal int Limit(int promptLength, int modelLength) =>
        Math.Min(modelLength, MaxNewTokens is { } more ? promptLength + more : MaxLength ?? promptLength + DefaultNewTokens);
}
