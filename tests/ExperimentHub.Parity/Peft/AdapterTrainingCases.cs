using System.Text.Json;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Adapters.Prompts;
using ExperimentHub.Engine.Adapters.Unmerged;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Training;
using ExperimentHub.Parity.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Parity.Peft;

/// <summary>Some steps of training an adapter on a base that stays as it is: losses, norms of gradients, logits after them, and the adapter as it is saved.</summary>
internal static class AdapterTrainingCases
{
    private static readonly Closeness s_loss = new(1e-4, 0);
    // A gradient that is zero in exact arithmetic (that of a key's bias) is rounding noise here and there.
    private static readonly Closeness s_norm = new(1e-6, 1e-3);
    private static readonly Closeness s_logits = new(1e-3, 0);

    public static string? Compare(string method, string model, JsonElement facts, bool plain)
    {
        using var scope = NewDisposeScope();
        using var reference = SafetensorsFile.Open(Path.Combine(method, "reference.safetensors"));
        using var inputs = SafetensorsFile.Open(Path.Combine(Path.GetDirectoryName(method)!, "inputs.safetensors"));
        using var loaded = ModelLoader.Load(model);
        var original = loaded.Weights.ToDictionary(w => w, w => w.Value.clone());
        var saved = Directory.CreateTempSubdirectory("experimenthub-parity-");
        try
        {
            var first = new PeftBatch(inputs, 0);
            return Train(Path.Combine(method, "adapter"), loaded, inputs, reference, facts, plain, saved.FullName, out var logits)
                ?? s_logits.Fault("after_training.logits", reference.Read("after_training.logits"), logits!, first.Real(loaded, logits!))
                ?? (original.FirstOrDefault(o => !o.Key.Value.equal(o.Value).all().item<bool>()).Key is { } changed ? $"{changed.Parts[0].Name} of the base is another after training" : null)
                ?? Saved(Path.Combine(method, "adapter"), saved.FullName, loaded, first, logits!);
        }
        finally
        {
            saved.Delete(recursive: true);
        }
    }

    private static string? Train(string folder, PretrainedModel loaded, SafetensorsFile inputs, SafetensorsFile reference, JsonElement facts, bool plain, string target, out Tensor? logits)
    {
        logits = null;
        var training = facts.GetProperty("training");
        var (rate, betas) = (training.GetProperty("learning_rate").GetDouble(), training.GetProperty("betas"));
        var clipping = training.GetProperty("clipping") is { ValueKind: JsonValueKind.Number } norm ? norm.GetDouble() : 0;
        var settings = new AdamWSettings(betas[0].GetDouble(), betas[1].GetDouble(), training.GetProperty("eps").GetDouble(), training.GetProperty("weight_decay").GetDouble());
        var adapter = Adapter.Open(folder);
        var adapted = new AdaptedModel(loaded, adapter, Encoder(adapter, reference));
        using var learner = new ModelLearner(adapted, settings, clipping, plain: plain);
        if (Trainable(adapted, training, facts) is { } other)
        {
            return other;
        }

        var batches = training.GetProperty("batch_of_step").EnumerateArray().Select(b => b.GetInt32()).ToList();
        foreach (var (step, number) in training.GetProperty("steps").EnumerateArray().Zip(batches).Select((s, i) => (s, i)))
        {
            using var inner = NewDisposeScope();
            var batch = new PeftBatch(inputs, step.Second);
            learner.BeginStep(number);
            var loss = ModelLearner.Accumulate(batch.Loss(loaded, batch.Logits(loaded, adapted), adapted));
            var fault = s_loss.Fault($"the loss of step {number}", step.First.GetProperty("loss").GetDouble(), loss)
                ?? (number == 0 ? Gradients(adapted, training.GetProperty("grad_norms_step_0")) : null)
                ?? (loaded.AllWeights.FirstOrDefault(w => !w.IsAdapted && w.Value.grad is not null) is { } moved ? $"{moved.Parts[0].Name} of the base has a gradient" : null)
                ?? s_norm.Fault($"the gradient's norm at step {number}", step.First.GetProperty("grad_norm").GetDouble(), learner.Step(rate));
            if (fault is not null)
            {
                return fault;
            }
        }

        using var noGrad = no_grad();
        var first = new PeftBatch(inputs, 0);
        logits = first.Logits(loaded, adapted);
        adapted.Save(target);
        return s_loss.Fault("loss_after_on_batch_0", training.GetProperty("loss_after_on_batch_0").GetDouble(), first.Loss(loaded, logits, adapted).item<float>());
    }

    /// <summary>The network whose output alone the adapter holds, where the reference has it.</summary>
    private static PromptEncoder? Encoder(Adapter adapter, SafetensorsFile reference) =>
        adapter.Config.Method.HasPrompt() && reference.Entries.Keys.Any(k => k.StartsWith("encoder.", StringComparison.Ordinal))
            ? PromptEncoder.Create(adapter.Config, (name, weight) => weight.copy_(reference.Read(name.Replace("prompt_encoder.", "encoder.", StringComparison.Ordinal))))
            : null;

    private static string? Trainable(AdaptedModel adapted, JsonElement training, JsonElement facts)
    {
        var wanted = training.GetProperty("trainable").EnumerateArray().Select(t => Bare(t.GetString()!)).ToHashSet(StringComparer.Ordinal);
        var found = adapted.Weights.Select(w => Bare(w.Parts[0].Name)).ToHashSet(StringComparer.Ordinal);
        if (!found.SetEquals(wanted))
        {
            return $"{found.Except(wanted).FirstOrDefault() ?? "nothing"} learns and {wanted.Except(found).FirstOrDefault() ?? "nothing"} does not";
        }

        var count = adapted.Weights.Sum(w => w.Elements);
        return facts.TryGetProperty("trainable_parameters", out var expected) && expected.GetInt64() != count ? $"{count} numbers learn instead of {expected.GetInt64()}" : null;
    }

    private static string? Gradients(AdaptedModel adapted, JsonElement norms)
    {
        var byName = adapted.Weights.ToDictionary(w => Bare(w.Parts[0].Name), StringComparer.Ordinal);
        foreach (var norm in norms.EnumerateObject())
        {
            using var gradient = byName.TryGetValue(Bare(norm.Name), out var weight) ? weight.Value.grad : null;
            var fault = gradient is null ? $"{norm.Name} has no gradient" : s_norm.Fault($"the norm of the gradient of {norm.Name}", norm.Value.GetDouble(), gradient.norm().item<float>());
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>What was saved has PEFT's tensors and computes the same when it is loaded.</summary>
    private static string? Saved(string folder, string saved, PretrainedModel loaded, PeftBatch batch, Tensor logits)
    {
        using var noGrad = no_grad();
        using var before = Adapter.Open(folder);
        var after = Adapter.Open(saved);
        using var again = new AdaptedModel(loaded, after);
        var missing = before.Weights.Entries.FirstOrDefault(e => after.Weights.Find(e.Name) is not { } found || !found.Shape.SequenceEqual(e.Shape));
        return missing is not null ? $"{missing.Name} is not saved"
            : batch.Logits(loaded, again).equal(logits).all().item<bool>() ? null : "what was saved computes otherwise when it is loaded";
    }

    /// <summary>A parameter's name without what PEFT wraps around it and its file leaves out.</summary>
    private static string Bare(string name)
    {
        foreach (var prefix in new[] { "base_model.model.", "base_model." })
        {
            name = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
        }

        name = name.Replace(".modules_to_save.", ".", StringComparison.Ordinal).Replace(".base_layer.", ".", StringComparison.Ordinal);
        return name.EndsWith("lora_magnitude_vector.weight", StringComparison.Ordinal) ? name[..^".weight".Length] : name;
    }
}
