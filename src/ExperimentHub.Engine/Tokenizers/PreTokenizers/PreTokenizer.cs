namespace ExperimentHub.Engine.Tokenizers.PreTokenizers;

/// <summary>Cuts normalised text into the pieces (words) that the model looks at one by one; some rewrite it as well.</summary>
internal abstract class PreTokenizer
{
    /// <summary>True if it looks at where a piece stands in the original text.</summary>
    internal virtual bool NeedsPlaces => false;

    internal abstract void Apply(PreTokenizedText text);
}
