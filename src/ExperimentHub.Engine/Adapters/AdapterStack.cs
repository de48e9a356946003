using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters;

/// <summary>
/// Several adapters on one base model in memory, of which one at a time is active. Activating merges it into the weights, so the model is
/// as fast as without; going back puts the base's own numbers there again, bit for bit. One thread at a time.
/// </summary>
internal sealed class AdapterStack(PretrainedModel model) : IDisposable
{
    private static readonly HashSet<string> s_noModules = [];

    private readonly Dictionary<string, Adapter> _adapters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _originals = new(StringComparer.Ordinal);
    private readonly List<(Weight Weight, Weight Other)> _untied = [];
    private readonly AdapterBase _base = AdapterBase.Of(model);

    public IReadOnlyCollection<string> Names => _adapters.Keys;

    /// <summary>The name of the active adapter; null: the base alone.</summary>
    public string? Active { get; private set; }

    /// <summary>Adds an adapter under a name; the stack disposes it. What a person should know of it is given back.</summary>
    /// <exception cref="InputException">It does not fit the model.</exception>
    public IReadOnlyList<Warning> Add(string name, Adapter adapter)
    {
        var warnings = adapter.Check(_base);
        _adapters.Add(name, adapter);
        return warnings;
    }

    /// <summary>Makes one adapter the active one, or with null the base alone.</summary>
    public void Activate(string? name)
    {
        Restore();
        if (name is not null)
        {
            Untie(_adapters[name]);
            foreach (var (tensor, value) in MergedTensors.Of(_adapters[name], _base, Read))
            {
                using (value)
                {
                    Put(tensor, value, keepsOriginal: true);
                }
            }
        }

        Active = name;
    }

    /// <summary>Makes the active adapter part of the model for good.</summary>
    public void Merge()
    {
        Forget();
        Active = null;
    }

    public void Dispose()
    {
        Forget();
        foreach (var adapter in _adapters.Values)
        {
            adapter.Dispose();
        }
    }

    /// <summary>A head or a table that the adapter brings whole is no longer the other's: PEFT's copies are not tied.</summary>
    private void Untie(Adapter adapter)
    {
        foreach (var weight in model.AllWeights)
        {
            if (weight.TiedTo is { } other && weight.Parts.Concat(other.Parts).Any(p => adapter.Weights.Saved.ContainsKey(p.Name) && adapter.Config.Learns(p.Name, s_noModules)))
            {
                weight.Untie();
                _untied.Add((weight, other));
            }
        }
    }

    private void Restore()
    {
        foreach (var (name, value) in _originals)
        {
            Put(name, value, keepsOriginal: false);
        }

        foreach (var (weight, other) in _untied)
        {
            weight.TieTo(other);
        }

        Forget();
    }

    private void Forget()
    {
        foreach (var original in _originals.Values)
        {
            original.Dispose();
        }

        _originals.Clear();
        _untied.Clear();
    }

    private Tensor? Read(string name) => WithRows(name, rows => rows.to(ScalarType.Float32, copy: true));

    private void Put(string name, Tensor value, bool keepsOriginal)
    {
        using var noGrad = no_grad();
        WithRows(name, rows =>
        {
            if (keepsOriginal)
            {
                _originals.TryAdd(name, rows.clone().DetachFromDisposeScope());
            }

            return rows.copy_(value);
        });
    }

    /// <summary>Does something with the rows of a weight that are saved under a name; null when there are none.</summary>
    private Tensor? WithRows(string name, Func<Tensor, Tensor> use)
    {
        foreach (var weight in model.AllWeights.Where(w => w.Parts.Any(p => p.Name == name)))
        {
            foreach (var (part, rows) in weight.Split(weight.Value))
            {
                using (rows)
                {
                    if (part == name)
                    {
                        return use(rows);
                    }
                }
            }
        }

        return null;
    }
}
