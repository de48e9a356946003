namespace ExperimentHub.Engine.Tokenizers.Decoders;

/// <summary>Several decoders one after another.</summary>
internal sealed class SequenceDecoder(IReadOnlyList<TokenDecoder> steps) : TokenDecoder
{
    /// <summary>After the tokens were joined, only what happens at the very start of the text leaves the rest alone.</summary>
    internal override bool IsLocal { get; } =
        steps.All(s => s.IsLocal) && steps.SkipWhile(s => s is not FuseDecoder).Skip(1).All(s => s is FuseDecoder or StripDecoder);

    internal override bool IsOpen(string token) => steps.Any(s => s.IsOpen(token));

    internal override List<string> Decode(List<string> tokens)
    {
        foreach (var step in steps)
        {
            tokens = step.Decode(tokens);
        }

        return tokens;
    }
}
