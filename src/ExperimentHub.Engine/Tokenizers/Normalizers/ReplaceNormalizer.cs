using ExperimentHub.Engine.Tokenizers.Patterns;

namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>Writes a text for every match of a pattern; its characters have the place of the match's last one.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : Normalizer
{
    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        var matches = new PatternMatches(pattern, source.Chars);
        var done = 0;
        while (source.Length > 0 && matches.Next(out var start, out var end))
        {
            target.AppendRange(source, done, start);
            var last = Math.Max(0, end - 1);
            target.Append(content, source.Start(last), source.End(last));
            done = end;
        }

        target.AppendRange(source, done, source.Length);
    }
}
