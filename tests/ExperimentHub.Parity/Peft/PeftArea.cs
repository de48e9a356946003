using System.Text.Json;
using ExperimentHub.Engine.Models;

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

            if (Reason(model) is { } reason)
            {
                tally.Skip(name, reason);
                continue;
            }

            tally.Case($"{name}/created", () => FileCases.Create(method, model, facts));
            tally.Case($"{name}/logits", () => LogitCases.Compare(method, model, facts));
            if (facts.TryGetProperty("training", out _))
            {
                tally.Case($"{name}/training/fast", () => AdapterTrainingCases.Compare(method, model, facts, plain: false));
                tally.Case($"{name}/training/plain", () => AdapterTrainingCases.Compare(method, model, facts, plain: true));
            }
        }
    }

    /// <summary>Why what an adapter computes is not compared; null: it is.</summary>
    private static string? Reason(string model)
    {
        var family = Models.ReferenceCase.Text(Path.Combine(model, "config.json"), "model_type")!;
        return ModelFamily.Types.Contains(family) ? null : $"adapters compute when the family {family} is there";
    }
}
