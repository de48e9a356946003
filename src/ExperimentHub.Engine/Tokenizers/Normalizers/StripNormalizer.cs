namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>Takes white space off the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        var chars = source.Chars;
        var first = 0;
        var last = chars.Length;
        while (left && first < last && char.IsWhiteSpace(chars[first]))
        {
            first++;
        }

        while (right && last > first && char.IsWhiteSpace(chars[last - 1]))
        {
            last--;
        }

        target.AppendRange(source, first, last);
    }
}
