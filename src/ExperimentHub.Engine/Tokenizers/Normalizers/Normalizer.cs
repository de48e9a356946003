namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>Rewrites text before it is split: reads <c>source</c>, writes <c>target</c> (empty at the start), never both the same.</summary>
internal abstract class Normalizer
{
    /// <summary>Buffers that grew beyond this many characters are not kept.</summary>
    protected const int LargestKept = 1 << 18;

    internal abstract void Normalize(NormalizedText source, NormalizedText target);
}
