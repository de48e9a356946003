namespace ExperimentHub.Engine.Tokenizers.Decoders;

/// <summary>Turns tokens back into text.</summary>
internal abstract class TokenDecoder
{
    internal abstract string Decode(IReadOnlyList<string> tokens);
}
