namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Ids of the tokens with a role; null for a role that the tokenizer does not have.</summary>
public sealed record SpecialTokens
{
    public int? Pad { get; init; }

    public int? Unknown { get; init; }

    public int? Classification { get; init; }

    public int? Separator { get; init; }

    public int? Mask { get; init; }

    /// <summary>The token that begins a text (<c>bos_token</c>).</summary>
    public int? Beginning { get; init; }

    /// <summary>The token that ends a text (<c>eos_token</c>).</summary>
    public int? End { get; init; }
}
