using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Configuration;

/// <summary>What must be known of model and data before a configuration can be judged as a whole; null where unknown yet.</summary>
public sealed record RunFacts
{
    public int? ModelLayers { get; init; }

    /// <summary>One of <see cref="Models.ModelKinds"/>.</summary>
    public string? ModelKind { get; init; }

    public int? ModelMaxLength { get; init; }

    public long? TrainRows { get; init; }

    public long? ValidationRows { get; init; }

    public int? Labels { get; init; }
}

/// <summary>Finds every fault of a configuration at once, each at its field and with a remedy.</summary>
public static class RunConfigValidator
{
    public const int MaxNameLength = 120;

    /// <summary>Reads a configuration from JSON as people write it; values of a wrong type are faults at their field, unknown fields are ignored.</summary>
    public static (RunConfig Config, IReadOnlyList<ConfigFault> Faults) Read(JsonObject json)
    {
        var faults = new List<ConfigFault>();
        var usable = new JsonObject();
        foreach (var (name, value) in json)
        {
            var single = new JsonObject { [name] = value?.DeepClone() };
            try
            {
                if (value is not null)
                {
                    single.Deserialize<RunConfig>(WireJson.Options);
                    usable[name] = value.DeepClone();
                }
            }
            catch (JsonException)
            {
                var wanted = Setting.Find(name)?.Kind switch
                {
                    SettingKind.Integer => "a whole number",
                    SettingKind.Number => "a number",
                    SettingKind.Switch => "true or false",
                    _ => "text",
                };
                var written = InputException.Quote(value!.ToJsonString());
                var usual = Setting.Find(name)?.Default;
                faults.Add(Fault(name, "setting.type", $"{name} must be {wanted}, not {written}.", [name, written, usual?.ToJsonString() ?? "\"text\""], usual));
            }
        }

        return (usable.Deserialize<RunConfig>(WireJson.Options)!, faults);
    }

    public static IReadOnlyList<ConfigFault> Validate(RunConfig config, RunFacts? facts = null)
    {
        facts ??= new RunFacts();
        var faults = new List<ConfigFault>();
        var values = JsonSerializer.SerializeToNode(config, WireJson.Options)!.AsObject();
        CheckNames(config, faults);
        foreach (var setting in Setting.All)
        {
            CheckRange(setting, values[setting.Name], faults);
        }

        CheckTogether(config, facts, faults);
        return faults;
    }

    private static void CheckNames(RunConfig config, List<ConfigFault> faults)
    {
        if (string.IsNullOrWhiteSpace(config.Name))
        {
            faults.Add(Fault("name", "run.name_missing", "Give the run a name.", []));
        }
        else if (config.Name.Length > MaxNameLength || config.Name.Any(char.IsControl))
        {
            faults.Add(Fault("name", "run.name", $"The name must have at most {MaxNameLength} characters and no line break.", [MaxNameLength]));
        }

        if (config.Task != TaskNames.SequenceClassification)
        {
            faults.Add(Fault("task", "run.task", $"The task {InputException.Quote(config.Task)} is not known; use {TaskNames.SequenceClassification}.", [InputException.Quote(config.Task), TaskNames.SequenceClassification], TaskNames.SequenceClassification));
        }

        if (config.Model.Length == 0)
        {
            faults.Add(Fault("model", "run.model_missing", "Choose a model.", []));
        }
        else if (!ContentHash.IsValid(config.Model))
        {
            faults.Add(Fault("model", "run.model", "The model is not given by its content hash; choose it from the list.", []));
        }

        if (config.Dataset.Length == 0)
        {
            faults.Add(Fault("dataset", "run.dataset_missing", "Choose a data set.", []));
        }
        else if (!ContentHash.IsValid(config.Dataset))
        {
            faults.Add(Fault("dataset", "run.dataset", "The dataset is not given by its content hash; choose it from the list.", []));
        }
    }

    private static void CheckRange(Setting setting, JsonNode? value, List<ConfigFault> faults)
    {
        if (setting.Kind == SettingKind.Choice)
        {
            var text = value?.GetValue<string>() ?? "";
            if (!setting.Choices.Contains(text))
            {
                var choices = string.Join(", ", setting.Choices);
                faults.Add(Fault(setting.Name, "setting.choice", $"{setting.Name} must be one of {choices}.", [setting.Name, choices], setting.Default));
            }

            return;
        }

        if (setting.Kind is not (SettingKind.Integer or SettingKind.Number) || value is null)
        {
            return;
        }

        // NaN and infinities are strings in our JSON.
        var number = value.GetValueKind() == JsonValueKind.Number
            ? value.Deserialize<double>(WireJson.Options)
            : double.NaN;
        if (double.IsNaN(number) || number < setting.Min || (setting.AboveMin && number == setting.Min) || number > setting.Max)
        {
            var low = setting.Min!.Value.ToString("G6", CultureInfo.InvariantCulture);
            var high = setting.Max!.Value.ToString("G16", CultureInfo.InvariantCulture);
            faults.Add(setting.AboveMin
                ? Fault(setting.Name, "setting.above", $"{setting.Name} must be above {low} and at most {high}.", [setting.Name, low, high], setting.Default)
                : Fault(setting.Name, "setting.range", $"{setting.Name} must be between {low} and {high}.", [setting.Name, low, high], setting.Default));
        }
    }

    private static void CheckTogether(RunConfig config, RunFacts facts, List<ConfigFault> faults)
    {
        if (facts.ModelKind is not null and not Models.ModelKinds.Encoder)
        {
            faults.Add(Fault("model", "run.model_kind", "The model writes texts and classifies none yet; choose an encoder such as BERT or RoBERTa.", []));
        }

        if (config.Trainable == "last_layers" && facts.ModelLayers is { } layers && config.LastLayers > layers)
        {
            faults.Add(Fault("last_layers", "run.last_layers", $"The model has {layers} layers; train at most that many.", [layers], layers));
        }

        if (facts.ModelMaxLength is { } longest && config.MaxLength > longest)
        {
            faults.Add(Fault("max_length", "run.max_length", $"The model reads at most {longest} tokens.", [longest], longest));
        }

        if (facts.TrainRows == 0)
        {
            faults.Add(Fault("dataset", "run.no_train_rows", "The data set has no training rows; split it again.", []));
        }

        if (facts.ValidationRows == 0)
        {
            faults.Add(Fault("dataset", "run.no_validation_rows", "The data set has no validation rows; split it again.", []));
        }

        if (facts.Labels is < 2)
        {
            faults.Add(Fault("label_column", "run.one_label", "The label column has fewer than two different labels; choose another column.", []));
        }
    }

    private static ConfigFault Fault(string field, string code, string message, object[] arguments, JsonNode? suggestion = null) =>
        new(field, code, message, arguments, suggestion?.DeepClone());
}
