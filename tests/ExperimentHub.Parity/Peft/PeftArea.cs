using System.Text.Json;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Decoders;

namespace ExperimentHub.Parity.Peft;

/// <summary>Adapters as PEFT wrote them, on the base models that it trained them for.</summary>
internal static class PeftArea
{
    public static void Run(ParityFolder folder, string path, Tally tally)
    {
        foreach (var method in Directory.EnumerateDirectories(path).SelectMany(Directory.EnumerateDirectories).Where(d => File.Exists(Path.Combine(d, "reference.json"))).Order(StringComparer.Ordinal))
        {
            var name = folder.Name(method);
            if (!tally.Wants(name))
            {
                continue;
            }

            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(method, "reference.json")));
            var facts = json.RootElement.Clone();
            var model = Path.Combine(Path.GetDirectoryName(method)!, "model");
            tally.Case($"{name}/files", () => FileCases.Compare(method, model, facts));
            if (facts.TryGetProperty("targeted_modules", out _))
            {
                tally.Case($"{name}/merged_weights", () => MergeCases.Weights(method, model));
            }

            if (Reason(method, model, facts) is { } reason)
            {
                tally.Skip(name, reason);
            }
            else
            {
                tally.Case($"{name}/logits", () => MergeCases.Logits(method, model, facts));
            }
        }
    }

    /// <summary>Why the logits of an adapter are not compared; null: they are.</summary>
    private static string? Reason(string method, string model, JsonElement facts)
    {
        var family = Models.ReferenceCase.Text(Path.Combine(model, "config.json"), "model_type")!;
        if (!ModelFamily.Types.Contains(family))
        {
            return $"adapters compute when the family {family} is there";
        }

        using var weights = WeightFiles.Open(model);
        using var plan = ModelLoader.Plan(weights, ModelConfig.Read(model));
        var isPrefix = Models.ReferenceCase.Text(Path.Combine(method, "adapter", AdapterConfig.FileName), "peft_type") == AdapterMethod.PrefixTuning.WireName();
        return plan is not DecoderModel && isPrefix ? "prefixes are computed in decoders alone yet"
            : plan is EncoderModel ? null
            : facts.TryGetProperty("merged_differs", out var differs) && differs.GetBoolean() ? "an adapter on embeddings that the head shares is computed merged, which differs from PEFT's unmerged form"
            : null;
    }
}
