using ExperimentHub.Engine.Tokenizers.Normalizers;

namespace ExperimentHub.Engine.Tokenizers.ByteLevel;

/// <summary>The whole text in the <see cref="ByteAlphabet"/>.</summary>
internal sealed class ByteLevelNormalizer : Normalizer
{
    internal override void Normalize(NormalizedText source, NormalizedText target) => ByteLevelText.Append(source, 0, source.Length, target);
}
