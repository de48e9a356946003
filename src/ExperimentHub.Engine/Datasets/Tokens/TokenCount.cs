namespace ExperimentHub.Engine.Datasets.Tokens;

/// <summary>What the job <c>count_tokens</c> is asked for: the rows of a data set in tokens of a tokenizer (a model's, or a trained one), both by content hash.</summary>
public sealed record TokenCount
{
    public required string Dataset { get; init; }

    public required string Tokenizer { get; init; }
}
