namespace ExperimentHub.Web.Runs.Form;

/// <summary>A starting point: settings that differ from the defaults, each with its reason in the resource <c>Preset_{Name}_Text</c>.</summary>
public sealed record RunPreset(string Name, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>
    /// <c>quick</c> checks that data and labels make sense: the head alone learns, on few rows, at the larger rate that a fresh head takes.
    /// <c>balanced</c> is the defaults: BERT's own fine-tuning recipe (Devlin et al. 2019). <c>best</c> goes on longer with a smaller rate
    /// and stops by itself.
    /// </summary>
    public static IReadOnlyList<RunPreset> All { get; } =
    [
        new("quick", new Dictionary<string, string> { ["trainable"] = "head", ["epochs"] = "2", ["learning_rate"] = "0.001", ["max_train_rows"] = "2000" }),
        new("balanced", new Dictionary<string, string>()),
        new("gentle", new Dictionary<string, string> { ["trainable"] = "last_layers", ["last_layers"] = "2", ["learning_rate"] = "0.0001" }),
        new("best", new Dictionary<string, string> { ["epochs"] = "6", ["learning_rate"] = "0.00003", ["early_stopping_patience"] = "2" }),
    ];

    public bool Fits(RunDraft draft) =>
        draft.Changed.Count() == Settings.Count(s => Engine.Configuration.Setting.Find(s.Key) is { } setting && Pages.SettingValue.Write(setting.Default) != Written(s.Value))
        && Settings.All(s => draft.Text(Engine.Configuration.Setting.Find(s.Key)!) == Written(s.Value));

    public void Apply(RunDraft draft)
    {
        draft.ResetAll();
        foreach (var (name, value) in Settings)
        {
            draft.Set(name, Written(value));
        }
    }

    /// <summary>Numbers as the form writes them (1e−5 rather than 0.00001).</summary>
    private static string Written(string value) =>
        double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var number) ? Components.Controls.Numbers.Plain(number) : value;
}
