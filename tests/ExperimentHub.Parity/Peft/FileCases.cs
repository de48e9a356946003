using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Adapters;
using ExperimentHub.Engine.Models;

namespace ExperimentHub.Parity.Peft;

/// <summary>What an adapter's files say: tensors, targets, fit to the base, and the same files when they are written again.</summary>
internal static class FileCases
{
    public static string? Compare(string method, string model, JsonElement facts)
    {
        var folder = Path.Combine(method, "adapter");
        using var adapter = Adapter.Open(folder);
        var to = AdapterBase.Read(model, adapter.Config.Task);
        var warnings = adapter.Check(to);
        return warnings.Count > 0 ? $"warns: {warnings[0].Message}"
            : Tensors(adapter, facts.GetProperty("adapter_tensors").EnumerateObject()) ?? Targets(adapter.Config, to, facts, "as saved") ?? Given(folder, to, facts) ?? Written(adapter, folder);
    }

    private static string? Tensors(Adapter adapter, IEnumerable<JsonProperty> expected)
    {
        var found = adapter.Weights.Entries.Select(e => $"{e.Name} {e.ShapeText}").Order(StringComparer.Ordinal);
        var wanted = expected.Select(t => $"{t.Name} [{string.Join(", ", t.Value.EnumerateArray())}]").Order(StringComparer.Ordinal);
        return found.SequenceEqual(wanted) ? null : $"has {found.Except(wanted).FirstOrDefault()} instead of {wanted.Except(found).FirstOrDefault()}";
    }

    private static string? Targets(AdapterConfig config, AdapterBase to, JsonElement facts, string how)
    {
        if (!facts.TryGetProperty("targeted_modules", out var targeted) || targeted.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var wanted = targeted.EnumerateArray().Select(t => t.GetString()!).Order(StringComparer.Ordinal).ToList();
        var found = to.Modules.Values.Where(config.Targets.Matches).Select(m => m.Path).Order(StringComparer.Ordinal).ToList();
        return found.SequenceEqual(wanted) ? null : $"{how}: {found.Except(wanted).FirstOrDefault()} is a target and {wanted.Except(found).FirstOrDefault()} is none";
    }

    /// <summary>The same targets from the arguments that a person gave, before PEFT wrote out what it found.</summary>
    private static string? Given(string folder, AdapterBase to, JsonElement facts)
    {
        var target = Directory.CreateTempSubdirectory("experimenthub-parity-");
        try
        {
            var config = JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, AdapterConfig.FileName)))!.AsObject();
            foreach (var (name, value) in JsonObject.Create(facts.GetProperty("config_given"))!)
            {
                config[name] = value?.DeepClone();
            }

            File.WriteAllText(Path.Combine(target.FullName, AdapterConfig.FileName), config.ToJsonString());
            return Targets(AdapterConfig.Read(target.FullName), to, facts, "as given");
        }
        finally
        {
            target.Delete(recursive: true);
        }
    }

    /// <summary>A new adapter of the arguments that a person gave has the tensors that PEFT's has.</summary>
    public static string? Create(string method, string model, JsonElement facts)
    {
        using var given = Adapter.Open(Path.Combine(method, "adapter"));
        using var loaded = ModelLoader.Load(model);
        var target = Directory.CreateTempSubdirectory("experimenthub-parity-");
        try
        {
            var settings = JsonObject.Create(facts.GetProperty("config_given"))!;
            (settings["peft_type"], settings["task_type"]) = (given.Config.Method.WireName(), given.Config.Task?.WireName());
            using var created = AdapterStart.Create(target.FullName, loaded, settings);
            // PEFT also writes copies of a classifier's bias that nobody reads, and the base's own table below an embedding with an adapter.
            string[] more = [".modules_to_save.", ".original_module.", ".base_layer.weight"];
            var wanted = facts.GetProperty("adapter_tensors").EnumerateObject().Where(t => !more.Any(m => t.Name.Contains(m, StringComparison.Ordinal)));
            return Tensors(created, wanted);
        }
        finally
        {
            target.Delete(recursive: true);
        }
    }

    private static string? Written(Adapter adapter, string folder)
    {
        var target = Directory.CreateTempSubdirectory("experimenthub-parity-");
        try
        {
            adapter.Write(target.FullName);
            using var again = Adapter.Open(target.FullName);
            var config = JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, AdapterConfig.FileName))), JsonNode.Parse(File.ReadAllBytes(Path.Combine(target.FullName, AdapterConfig.FileName))));
            var changed = adapter.Weights.Entries.FirstOrDefault(e => again.Weights.Find(e.Name) is not { } found || !found.Shape.SequenceEqual(e.Shape) || !adapter.Weights.Bytes(e.Name).SequenceEqual(again.Weights.Bytes(e.Name)));
            return !config ? "the configuration is another when it is written again" : changed is not null ? $"{changed.Name} is another when it is written again" : null;
        }
        finally
        {
            target.Delete(recursive: true);
        }
    }
}
