namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>Drops combining marks; meant to follow a decomposition.</summary>
internal sealed class StripAccentsNormalizer : Normalizer
{
    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        var chars = source.Chars;
        for (var i = 0; i < chars.Length;)
        {
            var rune = UnicodeClasses.RuneAt(chars, i, out var length);
            if (!UnicodeClasses.IsCombining(rune))
            {
                target.Append(rune, source.Start(i), source.End(i));
            }

            i += length;
        }
    }
}
