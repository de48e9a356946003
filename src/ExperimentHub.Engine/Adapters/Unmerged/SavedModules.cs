using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters.Unmerged;

/// <summary>
/// Tensors of the base that an adapter brings whole and that stand in for the base's own until they are disposed: those of
/// <c>modules_to_save</c> and the biases that <c>bias</c> names are learned, others (the table below an adapted embedding) only read.
/// </summary>
internal sealed class SavedModules : IDisposable
{
    private readonly List<Weight> _own = [];
    private readonly List<Weight> _replaced = [];
    private readonly List<Tensor> _kept = [];

    public SavedModules(PretrainedModel model, Adapter adapter)
    {
        var saved = adapter.Weights.Saved;
        var modules = adapter.Weights.Parts.Select(p => p.Module).ToHashSet(StringComparer.Ordinal);
        foreach (var weight in model.AllWeights.Where(w => w.Parts.Any(p => saved.ContainsKey(p.Name))).ToList())
        {
            // What is tied to it reads the base's own numbers on, as PEFT's copies leave it.
            foreach (var other in model.AllWeights.Where(w => w.TiedTo == weight && !saved.ContainsKey(w.Parts[0].Name)))
            {
                var original = Keep(weight.Value);
                Replace(other, () => original);
            }

            var type = weight.Value.dtype;
            var pieces = weight.Split(weight.Value).Select(p =>
            {
                using (p.Rows)
                {
                    return saved.TryGetValue(p.Name, out var name) ? Own(weight, name, p.Name) : Keep(p.Rows);
                }
            }).ToList();
            Replace(weight, () => (pieces.Count == 1 ? pieces[0] : cat(pieces)).to(type));
        }

        Tensor Own(Weight weight, string name, string inBase)
        {
            var own = adapter.Weights.ToWeight(name, weight, model.Device);
            _own.Add(own);
            if (adapter.Config.Learns(inBase, modules))
            {
                Weights.Add(own);
            }

            return own.Value;
        }
    }

    /// <summary>Those that are learned.</summary>
    public List<Weight> Weights { get; } = [];

    public void Dispose()
    {
        foreach (var weight in _replaced)
        {
            weight.Substitute(null);
        }

        foreach (var weight in _own)
        {
            weight.Dispose();
        }

        foreach (var tensor in _kept)
        {
            tensor.Dispose();
        }
    }

    private void Replace(Weight weight, Func<Tensor> value)
    {
        _replaced.Add(weight);
        weight.Substitute(value);
    }

    private Tensor Keep(Tensor tensor)
    {
        var kept = tensor.detach().DetachFromDisposeScope();
        _kept.Add(kept);
        return kept;
    }
}
