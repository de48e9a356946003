namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Several pre-tokenisers, each cutting the pieces of the one before.</summary>
internal sealed class SequencePreTokenizer(IReadOnlyList<PreTokenizer> steps) : PreTokenizer
{
    internal IReadOnlyList<PreTokenizer> Steps => steps;

    internal override bool NeedsPlaces { get; } = steps.Any(s => s.NeedsPlaces);

    internal override void Apply(PreTokenizedText text)
    {
        foreach (var step in steps)
        {
            step.Apply(text);
        }
    }
}
