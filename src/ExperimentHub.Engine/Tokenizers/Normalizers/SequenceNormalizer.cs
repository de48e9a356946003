namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>Several normalisers one after another.</summary>
internal sealed class SequenceNormalizer(IReadOnlyList<Normalizer> steps) : Normalizer
{
    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        var current = source;
        for (var i = 0; i < steps.Count; i++)
        {
            var next = i == steps.Count - 1 ? target : new NormalizedText();
            steps[i].Normalize(current, next);
            current = next;
        }

        if (steps.Count == 0)
        {
            for (var i = 0; i < source.Length; i++)
            {
                target.Append(source.Chars[i], source.Start(i), source.End(i));
            }
        }
    }
}
