namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>Puts a text before any that is not empty; it has the place of the first character.</summary>
internal sealed class PrependNormalizer(string content) : Normalizer
{
    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        if (source.Length > 0)
        {
            target.Append(content, source.Start(0), source.End(0));
            target.AppendRange(source, 0, source.Length);
        }
    }
}
