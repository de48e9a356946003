namespace ExperimentHub.Engine.Tokenizers.Decoders;

/// <summary>What holds for a tokenizer without a decoder: tokens with a space between them.</summary>
internal sealed class SpaceDecoder : TokenDecoder
{
    internal override bool IsLocal => true;

    internal override List<string> Decode(List<string> tokens) => [string.Join(' ', tokens)];
}
