using System.Text.Json;
using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.SequenceToSequence;

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

            if (Reason(method, model) is { } reason)
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
    private static string? Reason(string method, string model)
    {
        var family = Models.ReferenceCase.Text(Path.Combine(model, "config.json"), "model_type")!;
        if (!ModelFamily.Types.Contains(family))
        {
            return $"adapters compute when the family {family} is there";
        }

        using var weights = WeightFiles.Open(model);
        using var plan = ModelLoader.Plan(weights, ModelConfig.Read(model));
        var kind = Path.GetFileName(method);
        return kind.StartsWith("prefix", StringComparison.Ordinal) ? "prefixes are not computed yet"
            : plan is EncoderModel ? null
            : plan is not EncoderDecoderModel ? "the logits of decoders with adapters are not compared yet"
            : kind is "p-tuning" or "prompt-tuning" ? "prompts before an encoder-decoder are not computed yet"
            : null;
    }
}
