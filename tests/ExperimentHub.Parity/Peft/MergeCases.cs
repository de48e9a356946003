using System.Text.Json;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;
using ExperimentHub.Engine.Models.SequenceToSequence;
using ExperimentHub.Parity.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Peft;

/// <summary>What adapters compute: merged weights of every base, and logits with an adapter active, merged and taken away again.</summary>
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

    public static string? Logits(string method, string model, JsonElement facts)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var reference = SafetensorsFile.Open(Path.Combine(method, "reference.safetensors"));
        using var inputs = SafetensorsFile.Open(Path.Combine(Path.GetDirectoryName(method)!, "inputs.safetensors"));
        using var loaded = ModelLoader.Load(model);
        using var stack = new AdapterStack(loaded);
        stack.Add("one", Adapter.Open(Path.Combine(method, "adapter")));
        using var again = Adapter.Open(Path.Combine(method, "adapter"));
        var batch = new PaddedBatch { Ids = inputs.Read("0.input_ids"), Types = inputs.Entries.ContainsKey("0.token_type_ids") ? inputs.Read("0.token_type_ids") : null, Mask = inputs.Read("0.attention_mask") };
        var close = new Closeness(facts.GetProperty("suggested_atol").GetProperty("logits").GetDouble(), 0);

        var before = Run();
        stack.Activate("one");
        var active = again.Config.Method.HasPrompt() ? Prompted() : Run();
        stack.Activate(null);
        var after = Run();
        var real = loaded is DecoderModel ? batch.Mask : null;   // what stands at padding after a causal pass is nobody's
        if (real is not null && active.shape[1] > real.shape[1])
        {
            // The vectors of a prompt have scores too, in front of those of the tokens.
            return close.Fault("base_logits", reference.Read("base_logits"), before, real)
                ?? close.Fault("logits", reference.Read("logits"), active, cat([ones([real.shape[0], active.shape[1] - real.shape[1]], ScalarType.Int64), real], 1));
        }

        return close.Fault("base_logits", reference.Read("base_logits"), before, real)
            ?? close.Fault("logits", reference.Read("logits"), active, real)
            ?? (reference.Entries.ContainsKey("merged_logits") ? close.Fault("merged_logits", reference.Read("merged_logits"), active, real) : null)
            ?? (before.equal(after).all().item<bool>() ? null : "the base computes otherwise after the adapter was taken away");

        Tensor Prompted() => loaded switch
        {
            EncoderModel encoder => AdapterPrompt.Classify(encoder, again, batch),
            DecoderModel decoder when again.Config.Method == AdapterMethod.PrefixTuning => AdapterPrompt.ScoreBehindPrefix(decoder, again, Causal()),
            DecoderModel decoder => AdapterPrompt.Score(decoder, again, Causal()),
            EncoderDecoderModel both => Target(both, AdapterPrompt.Encode(both, again, batch.Ids, batch.Mask)),
            _ => throw new NotSupportedException(),
        };

        Tensor Target(EncoderDecoderModel model, (Tensor Hidden, Tensor? Mask) source) =>
            model.Score(model.Decode(model.ShiftRight(inputs.Read("0.labels")), source.Hidden, source.Mask));

        DecoderBatch Causal() => new() { Ids = batch.Ids, Mask = batch.Mask };

        Tensor Run() => loaded switch
        {
            EncoderModel encoder => encoder.Forward(batch),
            DecoderModel decoder => decoder.Run(Causal()).Logits!,
            EncoderDecoderModel both => Target(both, (both.Encode(batch.Ids, batch.Mask), batch.Mask)),
            _ => throw new NotSupportedException(),
        };
    }
}
