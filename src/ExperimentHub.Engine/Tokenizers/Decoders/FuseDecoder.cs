namespace ExperimentHub.Engine.Tokenizers.Decoders;

/// <summary>Joins all tokens, so that what follows sees the whole text.</summary>
internal sealed class FuseDecoder : TokenDecoder
{
    internal override bool IsLocal => true;

    internal override List<string> Decode(List<string> tokens) => [string.Concat(tokens)];
}
