namespace ExperimentHub.Engine.Tokenizers.Decoders;

/// <summary>The suffix of words back to a space, but for the last token.</summary>
internal sealed class BpeDecoder(string suffix) : TokenDecoder
{
    /// <summary>Whether a token is the last is known at the end.</summary>
    internal override bool IsLocal => false;

    internal override List<string> Decode(List<string> tokens)
    {
        for (var i = 0; i < tokens.Count && suffix.Length > 0; i++)
        {
            tokens[i] = tokens[i].Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal);
        }

        return tokens;
    }
}
