using System.Text.RegularExpressions;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>A tensor of a checkpoint that lies in a <see cref="Weight"/>, and how many of the weight's rows it has.</summary>
internal sealed record WeightPart(string Name, long Rows);

/// <summary>
/// One parameter of a model. Several tensors of a checkpoint may lie in it one below the other (query, key and value are one matrix
/// here), so <see cref="Parts"/> says under which names its rows are saved. Names and shapes are known without memory and without torch;
/// the numbers come with <see cref="Allocate"/>.
/// </summary>
internal sealed partial class Weight(int depth, Initialisation initial, IReadOnlyList<long> rowShape, string setting, params IReadOnlyList<WeightPart> parts) : IDisposable
{
    private Tensor? _value;
    private Weight? _tiedTo;
    private Func<Tensor>? _substitute;

    /// <summary>Names in the checkpoint, from the first row to the last; all parts have rows of one shape.</summary>
    public IReadOnlyList<WeightPart> Parts { get; } = parts;

    /// <summary>Shape of a row; a vector has rows of no dimension.</summary>
    public IReadOnlyList<long> RowShape { get; } = rowShape;

    /// <summary>Where it is in the model: 0 the embeddings, 1 to L the layers, L + 1 what follows them, L + 2 the head.</summary>
    public int Depth { get; } = depth;

    /// <summary>What it is where the checkpoint does not have it.</summary>
    public Initialisation Initial { get; } = initial;

    /// <summary>The setting of config.json that decides the number of its rows, for messages.</summary>
    public string Setting { get; } = setting;

    /// <summary>A checkpoint without it is no checkpoint of this model; other weights are initialised where they are missing.</summary>
    public bool Required { get; init; }

    /// <summary>True for what PyTorch calls a buffer: saved, but never learned.</summary>
    public bool IsBuffer { get; init; }

    /// <summary>Scale or shift of a layer normalisation, which is not decayed whatever it is called.</summary>
    public bool IsLayerNorm { get; init; }

    /// <summary>The weight whose numbers it shares where the checkpoint has none of its own (a language model's head and its word embeddings).</summary>
    public Weight? MayTieTo { get; init; }

    public bool IsTied => _tiedTo is not null;

    /// <summary>The weight whose numbers it shares.</summary>
    public Weight? TiedTo => _tiedTo;

    /// <summary>The product that reads it as its matrix; null where none does, or one that adapters cannot change.</summary>
    public WeightProduct? Product { get; set; }

    /// <summary>The table that it is the rows of.</summary>
    public Embedding? Table { get; set; }

    /// <summary>True while an adapter changes what is computed with it.</summary>
    public bool IsAdapted => _substitute is not null || Product?.Adapter is not null || Table?.Adapter is not null;

    public long Rows => Parts.Sum(p => p.Rows);

    public long Elements => Rows * RowShape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The leaf that the forward pass reads, in the precision it computes in; while something stands in for it, that.</summary>
    public Tensor Value => _substitute?.Invoke() ?? _tiedTo?.Value ?? _value ?? throw new InvalidOperationException($"{Parts[0].Name} is neither loaded nor initialised.");

    /// <summary>Biases and normalisations are not decayed (as in Hugging Face's trainer: by name, and every LayerNorm).</summary>
    public bool Decays => !IsLayerNorm && !Undecayed().IsMatch(Parts[0].Name);

    public bool Learns
    {
        get => Value.requires_grad;
        set => Value.requires_grad_(value);
    }

    public IReadOnlyList<long> ShapeOf(WeightPart part) => [part.Rows, .. RowShape];

    /// <summary>Takes the memory; the numbers are not set yet.</summary>
    public void Allocate(ScalarType type = ScalarType.Float32) => _value ??= empty([Rows, .. RowShape], type).DetachFromDisposeScope();

    /// <summary>Shares the numbers of another weight from now on and is none of its own.</summary>
    public void TieTo(Weight other)
    {
        _value?.Dispose();
        (_value, _tiedTo) = (null, other);
    }

    /// <summary>Has a copy of the numbers that it shared, for itself.</summary>
    public void Untie()
    {
        _value = Value.detach().clone().DetachFromDisposeScope();
        _tiedTo = null;
    }

    /// <summary>The rows of <paramref name="whole"/> (shaped as this weight) that are saved under each name; views, for the caller to dispose.</summary>
    public IEnumerable<(string Name, Tensor Rows)> Split(Tensor whole)
    {
        var first = 0L;
        foreach (var part in Parts)
        {
            yield return (part.Name, whole.detach().narrow(0, first, part.Rows));
            first += part.Rows;
        }
    }

    /// <summary>Lets another tensor of its shape be read in its place, or with null itself again; its own numbers stay as they are.</summary>
    public void Substitute(Func<Tensor>? value) => _substitute = value;

    /// <summary>Lies on another device from now on; before anything learns from it.</summary>
    public void MoveTo(Device device)
    {
        using var before = Value;
        _value = before.detach().to(device, copy: true).DetachFromDisposeScope();
    }

    /// <summary>Computes in another precision from now on; gives back the weight as it was, which is then the caller's.</summary>
    public Tensor ConvertTo(ScalarType type)
    {
        var before = Value;
        _value = before.detach().to(type, copy: true).requires_grad_(before.requires_grad).DetachFromDisposeScope();
        return before.requires_grad_(false);
    }

    public void Dispose() => _value?.Dispose();

    [GeneratedRegex(@"bias|layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Undecayed();
}
