namespace ExperimentHub.Engine.Tokenizers.Decoders;

/// <summary>What holds for a tokenizer without a decoder: tokens with a space between them.</summary>
internal sealed class SpaceDecoder : TokenDecoder
{
    internal override string Decode(IReadOnlyList<string> tokens) => string.Join(' ', tokens);
}
