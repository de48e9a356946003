namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>Cleaning for machine translation: some control characters go, white space of many kinds and U+FFFD become a space.</summary>
internal sealed class NmtNormalizer : Normalizer
{
    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        for (var i = 0; i < source.Length; i++)
        {
            var c = source.Chars[i];
            if (c is (>= '\u0001' and <= '\u0008') or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F' or '\u008F' or '\u009F')
            {
                continue;
            }

            var space = c is '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD';
            target.Append(space ? ' ' : c, source.Start(i), source.End(i));
        }
    }
}
