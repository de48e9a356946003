namespace ExperimentHub.Engine.Tokenizers;

/// <summary>What a model over a tokenizer must know of it.</summary>
/// <param name="Ids">Rows that its word embeddings must have.</param>
/// <param name="Special">The tokens with a role.</param>
/// <param name="IsFramed">A text stands between the tokens of classification and separation.</param>
public sealed record TokenizerRoles(int Ids, SpecialTokens Special, bool IsFramed)
{
    public static TokenizerRoles Of(Tokenizer tokenizer)
    {
        var ids = tokenizer.Encode("a").Ids;
        return new(tokenizer.IdCount, tokenizer.Special, ids.Length > 1 && ids[0] == tokenizer.Special.Classification && ids[^1] == tokenizer.Special.Separator);
    }
}
