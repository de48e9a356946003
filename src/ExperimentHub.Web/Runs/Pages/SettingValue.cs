using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Components.Controls;

namespace ExperimentHub.Web.Runs.Pages;

/// <summary>A setting of a run beside its default, as text.</summary>
internal sealed record SettingValue(string Name, string Text, string Default)
{
    public bool Changed => Text != Default;

    public static IReadOnlyList<SettingValue> Of(RunConfig config)
    {
        var values = JsonSerializer.SerializeToNode(config, WireJson.Options)!.AsObject();
        return [.. Setting.All.Select(s => new SettingValue(s.Name, Write(values[s.Name]), Write(s.Default)))];
    }

    /// <summary>A value as people read it: 5e−5, true, linear.</summary>
    public static string Write(JsonNode? value) => value switch
    {
        null => "–",
        _ when value.GetValueKind() == JsonValueKind.Number => Numbers.Plain(value.Deserialize<double>()),
        _ => value.ToString(),
    };
}
