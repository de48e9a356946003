using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters.Unmerged;

/// <summary>Outputs of a product that an adapter changes: several modules of a checkpoint may be one product here, and it changes some of them.</summary>
internal abstract class AdaptedPart(long first, long outputs)
{
    public long First { get; } = first;

    public long Outputs { get; } = outputs;

    /// <summary>One tensor for all outputs of a product: what <paramref name="of"/> gives for each part, and what <paramref name="between"/> gives for the outputs (first, count) that no part has.</summary>
    public static Tensor Join<T>(IReadOnlyList<T> parts, long outputs, Func<T, Tensor> of, Func<long, long, Tensor> between, long dimension = 0)
        where T : AdaptedPart
    {
        var pieces = new List<Tensor>();
        var next = 0L;
        foreach (var part in parts)
        {
            Fill(part.First);
            pieces.Add(of(part));
            next = part.First + part.Outputs;
        }

        Fill(outputs);
        return pieces.Count == 1 ? pieces[0] : cat(pieces, dimension);

        void Fill(long end)
        {
            if (end > next)
            {
                pieces.Add(between(next, end - next));
            }
        }
    }
}
