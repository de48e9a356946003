using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Layers;

namespace ExperimentHub.Engine.Adapters.Unmerged;

/// <summary>LoRA's pairs or IA3's vectors of an adapter as weights, joined to the products and tables of a model until they are disposed.</summary>
internal sealed class ModuleAdapters : IDisposable
{
    private readonly List<Weight> _weights = [];
    private readonly List<LowRankPair> _pairs = [];
    private readonly List<WeightProduct> _products = [];
    private readonly List<Embedding> _tables = [];

    /// <param name="model">The base.</param>
    /// <param name="adapter">An adapter that fits it.</param>
    /// <param name="dropout">Of what goes into the pairs.</param>
    public ModuleAdapters(PretrainedModel model, Adapter adapter, AdapterDropout dropout)
    {
        var parts = adapter.Weights.Parts.ToDictionary(p => p.Module + ".weight", StringComparer.Ordinal);
        foreach (var weight in model.AllWeights)
        {
            var found = Places(weight).Where(p => parts.ContainsKey(p.Part.Name)).Select(p => (p.First, p.Part.Rows, Adapter: parts[p.Part.Name])).ToList();
            if (found.Count == 0)
            {
                continue;
            }

            if (found[0].Adapter.IsEmbedding)
            {
                weight.Table!.Adapter = new LowRankTable(Pair(weight, 0, weight.RowShape[0], found[0].Adapter));
                _tables.Add(weight.Table);
                continue;
            }

            // GPT-2's matrices lie the other way round and hold one module each.
            var product = weight.Product!;
            product.Adapter = adapter.Config.Method == AdapterMethod.Ia3
                ? new ScaledProduct([.. found.Select(f => new ScaledPart(f.First, Outputs(f.Rows), Parameter(weight, f.Adapter.Scale!), adapter.Config.FeedForward(f.Adapter.Module)))])
                : new LowRankProduct([.. found.Select(f => Pair(weight, f.First, Outputs(f.Rows), f.Adapter))], dropout);
            _products.Add(product);

            long Outputs(long rows) => weight.Parts.Count == 1 ? product.Outputs : rows;
        }

        LowRankPair Pair(Weight of, long first, long outputs, AdapterPart part)
        {
            var pair = new LowRankPair(
                first, outputs, Parameter(of, part.Down!), Parameter(of, part.Up!), part.Magnitude is null ? null : Parameter(of, part.Magnitude), adapter.Config.ScaleOf(part.Module));
            _pairs.Add(pair);
            return pair;
        }

        Weight Parameter(Weight of, string name)
        {
            var parameter = adapter.Weights.ToWeight(name, of, model.Device);
            _weights.Add(parameter);
            return parameter;
        }
    }

    public IReadOnlyList<Weight> Weights => _weights;

    public void Dispose()
    {
        foreach (var product in _products)
        {
            product.Adapter = null;
        }

        foreach (var table in _tables)
        {
            table.Adapter = null;
        }

        foreach (var pair in _pairs)
        {
            pair.Dispose();
        }

        foreach (var weight in _weights)
        {
            weight.Dispose();
        }
    }

    private static IEnumerable<(WeightPart Part, long First)> Places(Weight weight)
    {
        var first = 0L;
        foreach (var part in weight.Parts)
        {
            yield return (part, first);
            first += part.Rows;
        }
    }
}
