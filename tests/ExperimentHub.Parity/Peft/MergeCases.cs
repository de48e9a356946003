using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Parity.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Peft;

/// <summary>What adapters make of the weights of any base that they are merged into.</summary>
internal static class MergeCases
{
    private const string Merged = "merged.";

    private static readonly Closeness s_weights = new(1e-6, 1e-6);

    public static string? Weights(string method, string model)
    {
        using var scope = NewDisposeScope();
        using var reference = SafetensorsFile.Open(Path.Combine(method, "reference.safetensors"));
        using var adapter = Adapter.Open(Path.Combine(method, "adapter"));
        using var weights = WeightFiles.Open(model);
        var to = AdapterBase.Read(model, adapter.Config.Task);
        var merged = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, value) in MergedTensors.Of(adapter, to, n => weights.Find(n) is null ? null : weights.Read(n)))
        {
            merged[name] = value;
        }

        var wanted = reference.Entries.Keys.Where(k => k.StartsWith(Merged, StringComparison.Ordinal)).ToList();
        return wanted.Count == 0 ? "there is nothing to compare"
            : wanted.Select(k => merged.TryGetValue(Stored(k[Merged.Length..], weights), out var value) ? s_weights.Fault(k, reference.Read(k), value) : $"{k} is not changed").FirstOrDefault(f => f is not null);
    }

    /// <summary>A head that is tied to the word embeddings is stored as these.</summary>
    private static string Stored(string name, WeightFiles weights) =>
        name == "lm_head.weight" && weights.Find(name) is null ? weights.Entries.First(e => e.Name.EndsWith("wte.weight", StringComparison.Ordinal) || e.Name.EndsWith("embed_tokens.weight", StringComparison.Ordinal)).Name : name;
}
