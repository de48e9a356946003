namespace ExperimentHub.Engine.Adapters;

/// <summary>The methods of PEFT that are read and written, by <c>peft_type</c>.</summary>
internal enum AdapterMethod
{
    /// <summary>LORA, with rsLoRA and DoRA: low-rank matrices beside those of the base.</summary>
    Lora,

    /// <summary>IA3: vectors that scale inputs or outputs of layers.</summary>
    Ia3,

    /// <summary>PROMPT_TUNING: vectors before the word vectors.</summary>
    PromptTuning,

    /// <summary>PREFIX_TUNING: keys and values before those of each layer.</summary>
    PrefixTuning,

    /// <summary>P_TUNING: as prompt tuning, with vectors that a small network made.</summary>
    PTuning,
}

internal static class AdapterMethods
{
    private static readonly Dictionary<string, AdapterMethod> s_byName = new(StringComparer.Ordinal)
    {
        ["LORA"] = AdapterMethod.Lora,
        ["IA3"] = AdapterMethod.Ia3,
        ["PROMPT_TUNING"] = AdapterMethod.PromptTuning,
        ["PREFIX_TUNING"] = AdapterMethod.PrefixTuning,
        ["P_TUNING"] = AdapterMethod.PTuning,
    };

    public static IReadOnlyCollection<string> Names => s_byName.Keys;

    public static string WireName(this AdapterMethod method) => s_byName.First(m => m.Value == method).Key;

    public static AdapterMethod? Find(string name) => s_byName.TryGetValue(name, out var method) ? method : null;

    /// <summary>True for the methods whose one tensor is <c>prompt_embeddings</c>.</summary>
    public static bool HasPrompt(this AdapterMethod method) => method is AdapterMethod.PromptTuning or AdapterMethod.PrefixTuning or AdapterMethod.PTuning;
}
