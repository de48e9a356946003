namespace ExperimentHub.Engine.Tokenizers.Decoders;

/// <summary>Turns tokens back into text.</summary>
internal abstract class TokenDecoder
{
    /// <summary>
    /// True if a token's text depends on nothing but the tokens just before it and on being the first, so that text can be shown while
    /// tokens still come (as soon as it ends with a whole character).
    /// </summary>
    internal abstract bool IsLocal { get; }

    /// <summary>The pieces of text that <paramref name="tokens"/> become; joined they are the text. The list may be used up.</summary>
    internal abstract List<string> Decode(List<string> tokens);

    /// <summary>True if what this token becomes is known only when the next one is.</summary>
    internal virtual bool IsOpen(string token) => false;
}
