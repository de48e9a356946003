namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>Lower-cases each character by itself.</summary>
internal sealed class LowercaseNormalizer : Normalizer
{
    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        var chars = source.Chars;
        for (var i = 0; i < chars.Length;)
        {
            var rune = UnicodeClasses.RuneAt(chars, i, out var length);
            CharacterMaps.AppendLower(rune, source.Start(i), source.End(i), target);
            i += length;
        }
    }
}
