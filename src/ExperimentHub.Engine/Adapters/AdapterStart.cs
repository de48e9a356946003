using System.Text.Json.Nodes;
using ExperimentHub.Engine.Adapters.Prompts;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters;

/// <summary>
/// A new adapter for a model, before anything is learned: LoRA and IA3 change nothing yet (B is zero, or A of an embedding; DoRA has the lengths of the
/// matrix, IA3 ones), whole modules are those of the base, prompts are random. What is random is drawn from torch's generator as it stands.
/// </summary>
internal static class AdapterStart
{
    private const string Whole = "base_model.model.";
    private const string BehindPrompt = "base_model.";

    /// <summary>Writes the adapter that PEFT's settings ask for into a folder that exists, and opens it.</summary>
    /// <param name="folder">Where it is written to.</param>
    /// <param name="model">The base.</param>
    /// <param name="settings">Fields of <c>adapter_config.json</c>, <c>peft_type</c> and <c>task_type</c> among them.</param>
    /// <exception cref="InputException">The settings cannot be, or do not fit the model.</exception>
    public static Adapter Create(string folder, PretrainedModel model, JsonObject settings)
    {
        AtomicFile.WriteAllText(Path.Combine(folder, AdapterConfig.FileName), Complete(settings, model).ToJsonString(WireJson.Indented));
        var config = AdapterConfig.Read(folder);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var targets = config.Method.HasPrompt() ? [] : AdapterBase.Of(model).Modules.Values.Where(m => m.Kind != ModuleKind.Other && config.Targets.Matches(m)).ToList();
        if (targets.FirstOrDefault(m => config.ModulesToSave.Any(n => m.Path.EndsWith(n, StringComparison.Ordinal))) is { } both)
        {
            throw new InputException(
                $"{InputException.Quote(both.Path, 160)} is learned whole (modules_to_save) and cannot have an adapter besides; name it in exclude_modules.", "adapter.both", InputException.Quote(both.Path, 160));
        }

        var parts = targets.SelectMany(m => OfModule(config, m, model)).Concat(Copied(config, model, [.. targets.Select(m => m.Path)])).ToList();
        if (config.Method.HasPrompt())
        {
            using var encoder = PromptEncoder.Create(config);
            parts.Add((AdapterWeights.Prompt, encoder.Compute()));
        }

        SafetensorsWriter.Write(Path.Combine(folder, AdapterWeights.FileName), parts.Select(p => p.Value.to(ScalarType.Float32).ToPart(p.Name)));
        var adapter = Adapter.Open(folder);
        adapter.Check(AdapterBase.Of(model));
        return adapter;
    }

    /// <summary>The settings with what PEFT adds to them: heads that are learned whole, and the sizes that a prompt needs.</summary>
    private static JsonObject Complete(JsonObject settings, PretrainedModel model)
    {
        var complete = settings.DeepClone().AsObject();
        string[] heads = complete["task_type"]?.GetValue<string>() switch
        {
            "SEQ_CLS" or "TOKEN_CLS" => ["classifier", "score"],
            "QUESTION_ANS" => ["qa_outputs"],
            _ => [],
        };
        if (heads.Length > 0)
        {
            var named = complete["modules_to_save"]?.AsArray().Select(n => n!.GetValue<string>()) ?? [];
            complete["modules_to_save"] = new JsonArray([.. named.Concat(heads).Distinct().Select(n => JsonValue.Create(n))]);
        }

        complete["base_model_name_or_path"] ??= null;
        if (AdapterMethods.Find(complete["peft_type"]?.GetValue<string>() ?? "") is not { } method || !method.HasPrompt())
        {
            return complete;
        }

        var (keyHeads, size) = PromptPass.KeyHeads(model);
        complete["num_transformer_submodules"] ??= complete["task_type"]?.GetValue<string>() == "SEQ_2_SEQ_LM" ? 2 : 1;
        complete["num_layers"] ??= model.Config.Layers;
        complete["num_attention_heads"] ??= method == AdapterMethod.PrefixTuning ? keyHeads : model.Config.Heads;
        complete["token_dim"] ??= method == AdapterMethod.PrefixTuning ? keyHeads * size : model.Config.HiddenSize;
        return complete;
    }

    private static IEnumerable<(string Name, Tensor Value)> OfModule(AdapterConfig config, BaseModule module, PretrainedModel model)
    {
        var name = Whole + module.Path;
        if (config.Method == AdapterMethod.Ia3)
        {
            yield return (name + ".ia3_l", ones(config.FeedForward(module.Path) ? [1, module.Inputs] : [module.Outputs, 1]));
            yield break;
        }

        var rank = config.RankOf(module.Path);
        if (module.Kind == ModuleKind.Embedding)
        {
            yield return (name + ".lora_embedding_A", zeros(rank, module.Inputs));
            yield return (name + ".lora_embedding_B", randn(module.Outputs, rank));
        }
        else
        {
            yield return (name + ".lora_A.weight", Down(config, rank, module.Inputs));
            yield return (name + ".lora_B.weight", zeros(module.Outputs, rank));
        }

        if (config.IsWeightDecomposed)
        {
            var matrix = Find(model, module.Path + ".weight")!.cpu().to(ScalarType.Float32);
            yield return (name + ".lora_magnitude_vector", matrix.norm(module.Kind is ModuleKind.Linear ? 1 : 0));
        }
    }

    /// <summary>A as PEFT's <c>init_lora_weights</c> has it: uniform in ±1/√inputs, or normal with the deviation 1/r.</summary>
    private static Tensor Down(AdapterConfig config, long rank, long inputs) =>
        config.StartsNormal ? randn(rank, inputs) / rank : ((rand(rank, inputs) * 2) - 1) / Math.Sqrt(inputs);

    /// <summary>Modules that are learned whole, and biases, as the base has them.</summary>
    private static IEnumerable<(string Name, Tensor Value)> Copied(AdapterConfig config, PretrainedModel model, HashSet<string> targets)
    {
        var prefix = config.Method.HasPrompt() ? BehindPrompt : Whole;
        foreach (var (name, rows) in model.AllWeights.SelectMany(w => w.Split(w.Value)))
        {
            var module = name.LastIndexOf('.') is > 0 and var dot ? name[..dot] : "";
            if (config.Learns(name, targets))
            {
                yield return (prefix + (targets.Contains(module) ? $"{module}.base_layer{name[module.Length..]}" : name), rows);
            }
        }
    }

    private static Tensor? Find(PretrainedModel model, string name) => model.AllWeights.Where(w => w.Parts.Any(p => p.Name == name)).SelectMany(w => w.Split(w.Value)).Where(p => p.Name == name).Select(p => p.Rows).FirstOrDefault();
}
