using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Web.Runs.Pages;

namespace ExperimentHub.Web.Runs.Form;

/// <summary>
/// What the form holds: each setting as it was typed, so that a wrong one stays to be corrected. The same as JSON, both ways; settings at
/// their default are left out of it.
/// </summary>
public sealed class RunDraft
{
    private static readonly string[] s_others = ["name", "task", "model", "dataset", "text_column", "text_pair_column", "label_column"];

    private readonly Dictionary<string, string> _typed = [];

    public string Name { get; set; } = "";

    /// <summary>An id, as the resolver takes it.</summary>
    public string Model { get; set; } = "";

    /// <summary>An id and a version: <c>3@1</c>.</summary>
    public string Dataset { get; set; } = "";

    public string? TextColumn { get; set; }

    public string? TextPairColumn { get; set; }

    public string? LabelColumn { get; set; }

    public IEnumerable<Setting> Changed => Setting.All.Where(IsChanged);

    public string Text(Setting setting) => _typed.TryGetValue(setting.Name, out var text) ? text : SettingValue.Write(setting.Default);

    public bool IsChanged(Setting setting) => _typed.TryGetValue(setting.Name, out var text) && text != SettingValue.Write(setting.Default);

    public void Set(string name, string text) => _typed[name] = text.Trim();

    public void Reset(string name) => _typed.Remove(name);

    public void ResetAll() => _typed.Clear();

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["name"] = Name.Trim(), ["model"] = Model, ["dataset"] = Dataset };
        foreach (var (name, column) in new[] { ("text_column", TextColumn), ("text_pair_column", TextPairColumn), ("label_column", LabelColumn) })
        {
            if (!string.IsNullOrEmpty(column))
            {
                json[name] = column;
            }
        }

        foreach (var setting in Changed)
        {
            json[setting.Name] = Value(setting, _typed[setting.Name]);
        }

        return json;
    }

    /// <summary>Takes over a configuration; what it does not name goes back to the default. Gives the names that mean nothing here.</summary>
    public IReadOnlyList<string> Read(JsonObject json)
    {
        _typed.Clear();
        Name = Word(json, "name") ?? "";
        Model = Word(json, "model") ?? "";
        Dataset = Word(json, "dataset") ?? "";
        TextColumn = Word(json, "text_column");
        TextPairColumn = Word(json, "text_pair_column");
        LabelColumn = Word(json, "label_column");
        foreach (var setting in Setting.All)
        {
            if (json[setting.Name] is { } value)
            {
                _typed[setting.Name] = SettingValue.Write(value);
            }
        }

        return [.. json.Select(p => p.Key).Where(k => Setting.Find(k) is null && !s_others.Contains(k))];
    }

    /// <summary>A number if it can be read as one; else the text, which the validator names as a fault of its field.</summary>
    private static JsonNode Value(Setting setting, string text)
    {
        switch (setting.Kind)
        {
            case SettingKind.Switch:
                return text is "true" or "True";
            case SettingKind.Integer or SettingKind.Number:
                var plain = text.Replace('\u2212', '-').Replace("\u202f", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
                if (long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
                {
                    return whole;
                }

                return double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : text;
            default:
                return text;
        }
    }

    private static string? Word(JsonObject json, string name) => json[name] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        { } other => other.ToJsonString(),
    };
}
