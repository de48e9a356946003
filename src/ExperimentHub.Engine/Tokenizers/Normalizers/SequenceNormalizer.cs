namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>Several normalisers one after another.</summary>
internal sealed class SequenceNormalizer(IReadOnlyList<Normalizer> steps) : Normalizer
{
    [ThreadStatic]
    private static NormalizedText[]? s_spare;

    internal override void Normalize(NormalizedText source, NormalizedText target)
    {
        if (steps.Count == 0)
        {
            target.AppendRange(source, 0, source.Length);
            return;
        }

        // A sequence inside this one asks for buffers of its own.
        var buffers = s_spare ?? [new(), new()];
        s_spare = null;
        var current = source;
        for (var i = 0; i < steps.Count; i++)
        {
            var next = i == steps.Count - 1 ? target : buffers[i % 2];
            next.ClearFor(source);
            steps[i].Normalize(current, next);
            current = next;
        }

        if (buffers.All(b => b.Capacity <= LargestKept))
        {
            s_spare = buffers;
        }
    }
}
