using System.Text.Json;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Adapters.Unmerged;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Parity.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Peft;

/// <summary>What a base computes alone, with an adapter beside its weights, with it merged into them, and alone again.</summary>
internal static class LogitCases
{
    private static readonly Closeness s_loss = new(1e-4, 0);

    public static string? Compare(string method, string model, JsonElement facts)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var reference = SafetensorsFile.Open(Path.Combine(method, "reference.safetensors"));
        using var inputs = SafetensorsFile.Open(Path.Combine(Path.GetDirectoryName(method)!, "inputs.safetensors"));
        using var loaded = ModelLoader.Load(model);
        var batch = new PeftBatch(inputs, 0);
        var close = new Closeness(facts.GetProperty("suggested_atol").GetProperty("logits").GetDouble(), 0);

        var before = batch.Logits(loaded);
        return Fault("base_logits", before)
            ?? s_loss.Fault("base_loss", facts.GetProperty("base_loss").GetDouble(), batch.Loss(loaded, before).item<float>())
            ?? Unmerged()
            ?? (reference.Entries.ContainsKey("merged_logits") ? Merged() : null)
            ?? (before.equal(batch.Logits(loaded)).all().item<bool>() ? null : "the base computes otherwise after the adapter was taken away");

        string? Unmerged()
        {
            using var adapted = new AdaptedModel(loaded, Adapter.Open(Path.Combine(method, "adapter")));
            var active = batch.Logits(loaded, adapted);
            return Fault("logits", active) ?? s_loss.Fault("loss", facts.GetProperty("loss").GetDouble(), batch.Loss(loaded, active, adapted).item<float>());
        }

        string? Merged()
        {
            using var stack = new AdapterStack(loaded);
            stack.Add("one", Adapter.Open(Path.Combine(method, "adapter")));
            stack.Activate("one");
            var fault = Fault("merged_logits", batch.Logits(loaded));
            stack.Activate(null);
            return fault;
        }

        string? Fault(string name, Tensor logits) => close.Fault(name, reference.Read(name), logits, batch.Real(loaded, logits));
    }
}
