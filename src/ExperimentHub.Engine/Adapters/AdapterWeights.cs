using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Checkpoints.PyTorch;
using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters;

/// <summary>
/// The tensors of <c>adapter_model.safetensors</c> (or <c>.bin</c>, whose pickle is not run), sorted by what they are for. Names are those of
/// PEFT: <c>base_model.model.</c>, the path in the base, and the kind of part.
/// </summary>
internal sealed class AdapterWeights : IDisposable
{
    public const string FileName = "adapter_model.safetensors";
    public const string PickleName = "adapter_model.bin";
    public const string Prompt = "prompt_embeddings";

    private static readonly string[] s_prefixes = ["base_model.model.", "base_model."];

    private readonly IWeightFile _file;
    private readonly Dictionary<string, AdapterPart> _parts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _saved = new(StringComparer.Ordinal);

    private AdapterWeights(IWeightFile file)
    {
        _file = file;
        foreach (var name in file.Entries.Keys.Order(StringComparer.Ordinal).Where(n => n != Prompt))
        {
            var prefix = s_prefixes.FirstOrDefault(p => name.StartsWith(p, StringComparison.Ordinal)) ?? throw new InputException(
                $"{Name}: {InputException.Quote(name, 160)} does not begin with base_model, as the tensors of an adapter do; save the adapter with PEFT.", "adapter.name", Name, InputException.Quote(name, 160));
            Sort(name, name[prefix.Length..]);
        }
    }

    /// <summary>The file's name.</summary>
    public string Name => _file.Name;

    /// <summary>What belongs to modules of the base, in the order of their paths.</summary>
    public IReadOnlyCollection<AdapterPart> Parts => _parts.Values;

    /// <summary>Tensors of the base that were trained as they are and take its place: name in the base to name in the file.</summary>
    public IReadOnlyDictionary<string, string> Saved => _saved;

    public IEnumerable<SafetensorsEntry> Entries => _file.Entries.Values;

    /// <exception cref="InputException">There is no file of weights, or it is damaged, no adapter's, or asks for what would have to be run.</exception>
    public static AdapterWeights Open(string folder)
    {
        var name = new[] { FileName, PickleName }.FirstOrDefault(n => File.Exists(Path.Combine(folder, n)))
            ?? throw new InputException($"The folder has no {FileName}; choose the folder that PEFT's save_pretrained has written.", "adapter.no_weights", FileName);
        var path = Path.Combine(folder, name);
        IWeightFile file = name == FileName ? SafetensorsFile.Open(path) : PyTorchFile.Open(path);
        try
        {
            return new AdapterWeights(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public SafetensorsEntry? Find(string name) => _file.Entries.GetValueOrDefault(name);

    public SafetensorsEntry Entry(string name) => _file.Entries[name];

    public ReadOnlySpan<byte> Bytes(string name) => _file.Bytes(Entry(name));

    /// <summary>A copy of a tensor, in 32 bits.</summary>
    public Tensor Read(string name)
    {
        using var stored = TensorBytes.ToTensor(Entry(name), Bytes(name));
        return stored.to(ScalarType.Float32, copy: true);
    }

    /// <summary>A copy of a tensor as a weight of its own, in 32 bits, at the depth of the base's weight that it belongs to.</summary>
    public Weight ToWeight(string name, Weight of, Device device)
    {
        var shape = Entry(name).Shape;
        var weight = new Weight(of.Depth, Initialisation.Zero, [.. shape.Skip(1)], "r", new WeightPart(name, shape[0])) { IsLayerNorm = of.IsLayerNorm };
        weight.Allocate();
        using var values = Read(name);
        weight.Value.copy_(values);
        weight.MoveTo(device);
        return weight;
    }

    /// <summary>A tensor as it is, for a file that is written while this one is open.</summary>
    public SafetensorsPart Part(SafetensorsEntry entry) => new(entry.Name, entry.Type, entry.Shape, (span, part) => Bytes(part.Name).CopyTo(span));

    /// <summary>Writes all tensors as they are, as safetensors.</summary>
    public void Write(string folder) => SafetensorsWriter.Write(Path.Combine(folder, FileName), Entries.Select(Part));

    public void Dispose() => _file.Dispose();

    private void Sort(string name, string rest)
    {
        if (Ends(".lora_A.weight") is { } down)
        {
            PartOf(down).Down = name;
        }
        else if (Ends(".lora_B.weight") is { } up)
        {
            PartOf(up).Up = name;
        }
        else if (Ends(".lora_embedding_A") is { } rows)
        {
            (PartOf(rows).Down, PartOf(rows).IsEmbedding) = (name, true);
        }
        else if (Ends(".lora_embedding_B") is { } vectors)
        {
            (PartOf(vectors).Up, PartOf(vectors).IsEmbedding) = (name, true);
        }
        else if ((Ends(".lora_magnitude_vector") ?? Ends(".lora_magnitude_vector.weight")) is { } lengths)
        {
            PartOf(lengths).Magnitude = name;
        }
        else if (Ends(".ia3_l") is { } scaled)
        {
            PartOf(scaled).Scale = name;
        }
        else if (!rest.Contains(".modules_to_save.", StringComparison.Ordinal) && !rest.Contains(".original_module.", StringComparison.Ordinal))
        {
            // With bias="all" PEFT writes a classifier's bias three times; the plain name counts.
            _saved[rest.Replace(".base_layer.", ".", StringComparison.Ordinal)] = name;
        }

        string? Ends(string ending) => rest.EndsWith(ending, StringComparison.Ordinal) ? rest[..^ending.Length] : null;
    }

    private AdapterPart PartOf(string module)
    {
        if (!_parts.TryGetValue(module, out var part))
        {
            _parts[module] = part = new AdapterPart(module);
        }

        return part;
    }
}
