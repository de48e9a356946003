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

            var family = Models.ReferenceCase.Text(Path.Combine(model, "config.json"), "model_type")!;
            if (!ModelFamily.Types.Contains(family))
            {
                tally.Skip(name, $"adapters compute when the family {family} is there");
            }
            else if (Path.GetFileName(method).StartsWith("prefix", StringComparison.Ordinal))
            {
                tally.Skip(name, "prefixes are not computed yet");
            }
            else
            {
                tally.Case($"{name}/logits", () => MergeCases.Logits(method, model, facts));
            }
        }
    }
}
