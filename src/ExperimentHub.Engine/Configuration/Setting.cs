using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Configuration;

public enum SettingKind
{
    Text,
    Integer,
    Number,
    Switch,
    Choice,
}

/// <summary>The seven steps of a fine-tuning run, as the form shows them.</summary>
public enum RunStep
{
    Data = 1,
    Model = 2,
    Hyperparameters = 3,
    Trainable = 4,
    Training = 5,
    Evaluation = 6,
    Deployment = 7,
}

/// <summary>
/// One setting of a <see cref="RunConfig"/>: what the form, the documentation and the validation know of it. Label, help and unit are
/// resources named <c>Setting_{name}_Label</c>, <c>Setting_{name}_Help</c> and <c>Unit_{unit}</c>.
/// </summary>
public sealed record Setting(string Name, SettingKind Kind, RunStep Step)
{
    /// <summary>Among the dozen that people change; the others open on demand.</summary>
    public bool Common { get; init; }

    public double? Min { get; init; }

    public double? Max { get; init; }

    /// <summary>True when <see cref="Min"/> itself is not allowed.</summary>
    public bool AboveMin { get; init; }

    public string? Unit { get; init; }

    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The default, as JSON.</summary>
    public JsonNode? Default => s_defaults[Name];

    private static readonly JsonObject s_defaults = JsonSerializer.SerializeToNode(new RunConfig(), WireJson.Options)!.AsObject();

    /// <summary>All settings in the order of the form; what names the run, its model and its data has controls of its own and is not here.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("learning_rate", SettingKind.Number, RunStep.Hyperparameters) { Common = true, Min = 0, AboveMin = true, Max = 1 },
        new("epochs", SettingKind.Number, RunStep.Hyperparameters) { Common = true, Min = 0, AboveMin = true, Max = 1000, Unit = "passes" },
        new("batch_size", SettingKind.Integer, RunStep.Hyperparameters) { Common = true, Min = 1, Max = 4096, Unit = "rows" },
        new("max_length", SettingKind.Integer, RunStep.Hyperparameters) { Common = true, Min = 4, Max = 8192, Unit = "tokens" },
        new("warmup_ratio", SettingKind.Number, RunStep.Hyperparameters) { Common = true, Min = 0, Max = 1, Unit = "share" },
        new("lr_scheduler", SettingKind.Choice, RunStep.Hyperparameters) { Common = true, Choices = ["linear", "cosine", "constant"] },
        new("weight_decay", SettingKind.Number, RunStep.Hyperparameters) { Common = true, Min = 0, Max = 1 },
        new("max_grad_norm", SettingKind.Number, RunStep.Hyperparameters) { Common = true, Min = 0, Max = 1000, Unit = "norm" },
        new("gradient_accumulation_steps", SettingKind.Integer, RunStep.Hyperparameters) { Common = true, Min = 1, Max = 4096, Unit = "batches" },
        new("label_smoothing", SettingKind.Number, RunStep.Hyperparameters) { Common = true, Min = 0, Max = 0.5, Unit = "share" },
        new("adam_beta1", SettingKind.Number, RunStep.Hyperparameters) { Min = 0, Max = 0.99999 },
        new("adam_beta2", SettingKind.Number, RunStep.Hyperparameters) { Min = 0, Max = 0.9999999 },
        new("adam_epsilon", SettingKind.Number, RunStep.Hyperparameters) { Min = 0, AboveMin = true, Max = 0.1 },
        new("max_steps", SettingKind.Integer, RunStep.Hyperparameters) { Min = 0, Max = 100_000_000, Unit = "steps" },
        new("max_train_rows", SettingKind.Integer, RunStep.Hyperparameters) { Min = 0, Max = int.MaxValue, Unit = "rows" },
        new("group_by_length", SettingKind.Switch, RunStep.Hyperparameters),
        new("trainable", SettingKind.Choice, RunStep.Trainable) { Common = true, Choices = ["head", "last_layers", "all"] },
        new("last_layers", SettingKind.Integer, RunStep.Trainable) { Common = true, Min = 1, Max = 1000, Unit = "layers" },
        new("precision", SettingKind.Choice, RunStep.Training) { Common = true, Choices = ["auto", "fp32", "bf16"] },
        new("seed", SettingKind.Integer, RunStep.Training) { Common = true, Min = 0, Max = 9_007_199_254_740_991 },
        new("keep_checkpoints", SettingKind.Integer, RunStep.Training) { Common = true, Min = 1, Max = 1000, Unit = "checkpoints" },
        new("logging_steps", SettingKind.Integer, RunStep.Training) { Min = 1, Max = 1_000_000, Unit = "steps" },
        new("save_steps", SettingKind.Integer, RunStep.Training) { Min = 0, Max = 100_000_000, Unit = "steps" },
        new("eval_steps", SettingKind.Integer, RunStep.Evaluation) { Common = true, Min = 0, Max = 100_000_000, Unit = "steps" },
        new("early_stopping_patience", SettingKind.Integer, RunStep.Evaluation) { Common = true, Min = 0, Max = 1000, Unit = "evaluations" },
        new("metric_for_best", SettingKind.Choice, RunStep.Evaluation) { Common = true, Choices = ["f1", "accuracy", "loss"] },
        new("eval_batch_size", SettingKind.Integer, RunStep.Evaluation) { Min = 1, Max = 4096, Unit = "rows" },
    ];

    public static Setting? Find(string name) => All.FirstOrDefault(s => s.Name == name);
}
